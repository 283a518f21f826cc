// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';

/** Ctrl-P Ctrl-Q, podman's and docker's. */
export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** `ctrl-p,ctrl-q`, `a,ctrl-]`, …: the bytes that these keys send; none for the empty text. */
export function parseDetachKeys(text: string): Uint8Array {
  if (text === '') return new Uint8Array();
  return Uint8Array.from(text.split(','), (key) => {
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
    if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
    if (/^[\x21-\x7e]$/.test(key)) return key.charCodeAt(0);
    throw usageError(`invalid detach keys ${quote(text)}: use keys such as a, ctrl-p or ctrl-], with commas`);
  });
}
