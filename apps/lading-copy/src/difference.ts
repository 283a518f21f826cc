// SPDX-License-Identifier: Apache-2.0
import { isUtf8 } from 'node:buffer';
import { formatTimestamp } from '@lading/image-spec';
import type { RootDifference, RootFile, RootFileChange } from '@lading/layer';

const marks = { added: 'A', changed: 'C', removed: 'D' } as const;

/** A difference on a line: `C /etc/motd (mode 0644 -> 0600, content)`. */
export function differenceLine({ kind, path, changes, before, after }: RootDifference): string {
  const said = changes.map((change) => changeText(change, before, after)).join(', ');
  return `${marks[kind]} ${pathText(path)}${said === '' ? '' : ` (${said})`}`;
}

function changeText(change: RootFileChange, before?: RootFile, after?: RootFile): string {
  if (before === undefined || after === undefined) return change;
  const [old, now] = [before, after].map((file) => partOf(change, file));
  return old === undefined || now === undefined ? change : `${change} ${old} -> ${now}`;
}

/** Digests and attributes are too long for a line. */
function partOf(change: RootFileChange, file: RootFile): string | undefined {
  if (change === 'type') return file.type;
  if (change === 'mode') return modeText(file);
  if (change === 'owner') return `${file.uid}:${file.gid}`;
  if (change === 'size') return String(file.sizeBytes);
  if (change === 'link') return file.target === undefined ? 'none' : pathText(file.target);
  if (change === 'device') return file.device?.join(':');
  return change === 'time' ? timeText(file) : undefined;
}

/** A difference for `--format json`. Bytes that are no text come as base64 beside it. */
export function differenceDocument({ kind, path, changes, before, after }: RootDifference): object {
  return {
    kind,
    path: textOf(path),
    ...(isUtf8(path) ? {} : { pathBytes: base64(path) }),
    ...(changes.length === 0 ? {} : { changes }),
    ...(before === undefined ? {} : { before: fileDocument(before) }),
    ...(after === undefined ? {} : { after: fileDocument(after) }),
  };
}

function fileDocument(file: RootFile): object {
  const { type, uid, gid, sizeBytes, digest, target, device, xattrs } = file;
  return {
    type,
    mode: modeText(file),
    uid,
    gid,
    size: sizeBytes,
    time: timeText(file),
    ...(digest === undefined ? {} : { digest }),
    ...(target === undefined ? {} : { target: textOf(target) }),
    ...(target === undefined || isUtf8(target) ? {} : { targetBytes: base64(target) }),
    ...(device === undefined ? {} : { device: device.join(':') }),
    ...(xattrs.size === 0
      ? {}
      : { xattrs: new Map([...xattrs].map(([name, value]) => [name, base64(value)])) }),
  };
}

function modeText({ mode }: RootFile): string {
  return mode.toString(8).padStart(4, '0');
}

/** As RFC 3339 has it, with nanoseconds. A tar may say times that no calendar has. */
function timeText({ mtimeNs }: RootFile): string {
  return formatTimestamp(mtimeNs) ?? `${mtimeNs / 1_000_000_000n}s`;
}

/** A path that cannot steer a terminal: between quotes, as git shows it, where a byte of it is no letter of text. */
function pathText(path: Uint8Array): string {
  const text = textOf(path);
  if (isUtf8(path) && !/[\p{C}\p{Zl}\p{Zp}"\\]/u.test(text)) return text;
  const bytes = [...path].map((byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${bytes.join('')}"`;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
