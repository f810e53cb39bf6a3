import { createRequire } from "node:module";
import { BSON } from "mongodb";

/** Runs as a separate process: uses mongoose as programs do, and prints the results as Extended JSON. */
const [path = "", uri = ""] = process.argv.slice(2);

const mongoose = createRequire(import.meta.url)(path);
const { Schema } = mongoose;
await mongoose.connect(uri, { dbName: "d" });

const Author = mongoose.model("Author", new Schema({ name: { type: String, unique: true } }));
const Book = mongoose.model(
  "Book",
  new Schema({
    title: String,
    author: { type: Schema.Types.ObjectId, ref: "Author" },
    reviews: [{ stars: Number }],
  }),
);
await Promise.all([Author.init(), Book.init()]);

const author = await Author.create({ name: "A" });
const duplicate = await Author.create({ name: "A" }).catch(({ code }: { code: unknown }) => code);
const book = await Book.create({ title: "T", author, reviews: [{ stars: 4 }] });
book.reviews.push({ stars: 5 });
book.title = "U";
await book.save();
const stale = await Book.findById(book._id);
await Book.updateOne({ _id: book._id }, { $pop: { reviews: -1 }, $inc: { __v: 1 } });
stale.reviews[0].stars = 1;
stale.markModified("reviews");
const conflict = await stale.save().catch(({ name }: Error) => name);
const found = await Book.findOne({ "reviews.stars": { $gte: 5 } })
  .populate("author")
  .lean();
const saved = await Book.bulkSave([new Book({ title: "V" }), new Book({ title: "W" })]);
const titles: string[] = [];
for await (const { title } of Book.find().sort({ title: 1 }).cursor()) {
  titles.push(title);
}
const outcome = {
  duplicate,
  conflict,
  found: {
    title: found.title,
    author: found.author.name,
    stars: found.reviews.map(({ stars }: { stars: number }) => stars),
  },
  saved: saved.insertedCount,
  titles,
  indexes: Object.keys(await Author.collection.indexInformation()),
  transaction: await mongoose.connection
    .transaction((session: unknown) => Author.create([{ name: "B" }], { session }))
    .catch(({ originalError }: { originalError: { code: unknown } }) => originalError.code),
};
await mongoose.disconnect();
process.stdout.write(BSON.EJSON.stringify(outcome));
