#!/usr/bin/env bash
# Runs a command as a container of our image would run it, without Docker: as the first process of a process namespace, as user 65532 without
# any capability, and in a file system that is read-only and holds Node, its libraries and the program: no shell, no /etc/passwd.
#
#   unshare --mount --pid --fork --kill-child bash .ci/in-container.sh FOLDER COMMAND...
#
# FOLDER has `app`, `data` (writable) and `secrets`, which become /app, /data and /run/secrets. The environment is passed on. Needs root.
set -euo pipefail

folder=$1
shift
root=$folder/root

bind() {
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$(dirname "$root$2")" && touch "$root$2"; fi
  mount --rbind "$1" "$root$2"
}

mount --make-rprivate /
mkdir -p "$root"
mount -t tmpfs tmpfs "$root"
mkdir "$root/proc" "$root/tmp"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
bind "$(node -p 'require("node:fs").realpathSync(process.execPath)')" /nodejs/bin/node
bind "$(command -v setpriv)" /setpriv
for path in /usr/lib /lib /lib64 /dev/null /dev/urandom; do
  [ ! -e "$path" ] || bind "$path" "$path"
done
bind "$folder/app" /app
bind "$folder/data" /data
bind "$folder/secrets" /run/secrets
mount -o remount,bind,ro "$root/app"
mount -o remount,bind,ro "$root/run/secrets"
mount -o remount,ro "$root"
exec chroot "$root" /setpriv --reuid=65532 --regid=65532 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs -- "$@"
