// SPDX-License-Identifier: Apache-2.0
import { type Flags, usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import { type Digest, isDigest } from '@lading/image-spec';
import type { EntryChanges } from '../lists/edit-list.ts';
import { splitPair } from './key-value.ts';

/** `--annotation`, `--arch` and the rest of what a list is told of an image. */
export function readEntryChanges(flags: Flags): EntryChanges {
  const annotations = flags.strings('annotation').map((text): [string, string] => {
    const [key, value] = splitPair(text);
    if (value === undefined) throw usageError(`no value given for annotation ${quote(key)}`);
    return [key, value];
  });
  const text = (name: string): string | undefined => flags.string(name) || undefined;
  const words = (name: string): readonly string[] | undefined =>
    flags.given(name) ? flags.strings(name) : undefined;
  return {
    annotations: annotations.length === 0 ? undefined : Object.fromEntries(annotations),
    platform: Object.fromEntries(
      Object.entries({
        architecture: text('arch'),
        os: text('os'),
        'os.version': text('os-version'),
        'os.features': words('os-features'),
        variant: text('variant'),
        features: words('features'),
      }).filter(([, value]) => value !== undefined),
    ),
  };
}

/** The digest by which an image of a list is named. */
export function readDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw usageError(`invalid image digest ${quote(text)}: invalid checksum digest format`);
}
