// How changesets become CHANGELOG.md: their text, without the hashes of commits. See https://changesets-docs.vercel.app, "changelog".
module.exports = {
  async getReleaseLine({ summary }) {
    const [first, ...more] = summary.trim().split("\n");
    return [`- ${first}`, ...more.map((line) => (line === "" ? "" : `  ${line}`))].join("\n");
  },
  async getDependencyReleaseLine(_changesets, updated) {
    // Nobody had an earlier version of what is released for the first time.
    const known = updated.filter(({ oldVersion }) => oldVersion !== "0.0.0");
    const names = known.map(({ name, newVersion }) => `\`${name}\` ${newVersion}`);
    return names.length === 0 ? "" : `- Update ${names.join(", ")}`;
  },
};
