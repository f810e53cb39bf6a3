import { once } from "node:events";
import type { GridFSBucket } from "mongodb";
import type { OperationsOn } from "./entities.js";

export const BUCKET_OPERATIONS: OperationsOn<GridFSBucket> = {
  delete: (bucket, { id }) => bucket.delete(id),
  download: async (bucket, { id }) => Buffer.concat(await bucket.openDownloadStream(id).toArray()),
  downloadByName: async (bucket, { filename, ...options }) =>
    Buffer.concat(await bucket.openDownloadStreamByName(filename, options).toArray()),
  rename: (bucket, { id, newFilename }) => bucket.rename(id, newFilename),
  async upload(bucket, { filename, source, ...options }) {
    const stream = bucket.openUploadStream(filename, options);
    stream.end(Buffer.from(source.$$hexBytes, "hex"));
    await once(stream, "finish");
    return stream.id;
  },
};
