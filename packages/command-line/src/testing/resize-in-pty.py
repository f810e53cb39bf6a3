"""Runs a command in a pseudo-terminal, and passes on what it writes.

Each line of standard input is a number of columns: the command is held, a mark is put behind what it has written so far, the terminal is
resized, and the command goes on.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios

terminal = -1


def resize(columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))


def pass_on():
    try:
        output = os.read(terminal, 65536)
    except OSError:
        return False
    os.write(1, output)
    return len(output) > 0


pid, terminal = pty.fork()
if pid == 0:
    while os.get_terminal_size(2).columns == 0:
        pass
    os.execvp(sys.argv[1], sys.argv[1:])
resize(110)
sources = [terminal, 0]
while True:
    ready, _, _ = select.select(sources, [], [])
    if 0 in ready:
        line = os.read(0, 100)
        if not line:
            sources.remove(0)
            continue
        # Between two frames: one that was being drawn for the old width would be written after the mark.
        pass_on()
        while select.select([terminal], [], [], 0.02)[0]:
            pass_on()
        os.kill(pid, signal.SIGSTOP)
        while select.select([terminal], [], [], 0.1)[0]:
            pass_on()
        os.write(1, b"<columns %d>" % int(line))
        resize(int(line))
        os.kill(pid, signal.SIGCONT)
    elif not pass_on():
        break
