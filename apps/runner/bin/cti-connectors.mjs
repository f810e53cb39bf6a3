#!/usr/bin/env node
// Starts the command line where it is installed; in a checkout, `start.mjs` builds it first.
import { setFlagsFromString } from "node:v8";

// A page lives for a second, and left alone V8 lets such garbage pile up to hundreds of megabytes on a large machine before it collects it.
setFlagsFromString("--heap-growing-percent=50");

// As a URL, so that types can be checked where nothing is built yet.
await import(new URL("../dist/main.js", import.meta.url).href);
