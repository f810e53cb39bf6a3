/** Tests that fail on any server, because the driver is not as the specification says, by file and description. */
export const DRIVER_LIMITS: ReadonlyMap<string, string> = new Map(
  [
    ...["InsertMany", "FindOneAndUpdate", "FindOneAndReplace", "BulkWrite"].map((method) => ({
      file: "bypassDocumentValidation.json",
      description: `${method} passes bypassDocumentValidation: false`,
      reason: "the driver does not send bypassDocumentValidation: false",
    })),
    ...["insertOne", "insertMany", "bulkWrite"].map((method) => ({
      file: "create-null-ids.json",
      description: `inserting _id with type null via ${method}`,
      reason: "the driver replaces an _id of null",
    })),
    {
      file: "download.json",
      description: "download when final chunk is missing",
      reason: "the driver does not see that the last chunk is missing",
    },
  ].map(({ file, description, reason }) => [`${file}: ${description}`, reason]),
);
