// Builds the workspace where that is due, then runs the command line in this same process.
//
// The package script gives V8 two flags. A page lives for a second, and left alone V8 lets such garbage pile up to
// hundreds of megabytes on a large machine before it collects it. Set from here they come too late to have full effect.
import "./build.mjs";

if (process.exitCode === undefined) {
  await import("./dist/main.js");
}
