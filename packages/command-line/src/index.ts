import "./run-command-line.js";
