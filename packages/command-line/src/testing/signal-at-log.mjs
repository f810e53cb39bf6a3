// Loaded before a program (`node --import`): it sends itself SIGNAL the moment that what it has written to standard
// error matches SIGNAL_AT_LOG. From outside the signal could come after the program's end, on a busy machine.
import { env, kill, pid, stderr } from "node:process";

const pattern = new RegExp(env.SIGNAL_AT_LOG ?? "");
const write = stderr.write.bind(stderr);
let written = "";
let isSent = false;

stderr.write = (/** @type {Parameters<typeof write>} */ ...args) => {
  const isTaken = write(...args);
  written += String(args[0]);
  if (!isSent && pattern.test(written)) {
    isSent = true;
    kill(pid, env.SIGNAL);
  }
  return isTaken;
};
