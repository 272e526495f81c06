#!/bin/sh
# Follows docs/getting-started.md in a clean Debian 12 with nothing but Python, make and git.
#   sudo bash tests/proof/guide.sh FOLDER RESULT
# FOLDER gets the Debian (debootstrap; an existing one is used again), RESULT the record. The program
# is installed from a wheel of this tree, everything else from the package index.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
debian=$1
result=$2
if [ ! -x "$debian/usr/bin/python3" ]; then
  debootstrap --variant=minbase --include=python3,python3-venv,make,git,ca-certificates bookworm "$debian"
fi
cp /etc/resolv.conf "$debian/etc/resolv.conf"
cp /etc/ssl/certs/ca-certificates.crt "$debian/etc/ssl/certs/ca-certificates.crt"
mountpoint -q "$debian/proc" || mount -t proc proc "$debian/proc"
trap 'umount "$debian/proc" 2>/dev/null || true' EXIT
rm -rf "$debian/wheels" && mkdir "$debian/wheels"
"${PYTHON:-python3}" -m build --wheel --no-isolation --outdir "$debian/wheels" "$here" > /dev/null
cp "$here/docs/getting-started.md" "$here/tests/proof/guide.py" "$debian/root/"
{
  date -u '+%Y-%m-%d %H:%M UTC'
  git -C "$here" describe --always --dirty
  chroot "$debian" /usr/bin/env -i HOME=/root PATH=/usr/bin:/bin LANG=C.UTF-8 \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_DEFAULT_TIMEOUT=180 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} \
    /usr/bin/python3 /root/guide.py /root/getting-started.md --find-links /wheels
} > "$result.part" 2>&1 || { tail -20 "$result.part" >&2; exit 1; }
mv "$result.part" "$result"
tail -1 "$result"
