// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';
import type { FlagPrefix } from './registry-flags.ts';

/** How places other than registries are reached, under the names that skopeo gives these flags. */
export function transportFlags(prefix: FlagPrefix): readonly FlagSpec[] {
  return [
    certDirFlag(prefix),
    {
      name: `${prefix}daemon-host`,
      kind: 'string',
      placeholder: 'HOST',
      help: 'Reach the Docker daemon at HOST (docker-daemon: only)',
    },
    {
      name: `${prefix}shared-blob-dir`,
      kind: 'string',
      placeholder: 'DIRECTORY',
      completes: 'folder',
      help: 'DIRECTORY with the blobs of several OCI layouts (oci: only)',
    },
  ];
}

export function certDirFlag(prefix: FlagPrefix): FlagSpec {
  return {
    name: `${prefix}cert-dir`,
    kind: 'string',
    placeholder: 'PATH',
    completes: 'folder',
    help: 'Use certificates at PATH (*.crt, *.cert, *.key) for the registry or daemon',
  };
}

export const rateFlag: FlagSpec = {
  name: 'limit-rate',
  kind: 'string',
  placeholder: 'RATE',
  help: 'Copy no faster than RATE bytes a second, all layers together: 500k, 10M',
};

/** How layers are written, and under which further names. */
export const layerFlags: readonly FlagSpec[] = [
  {
    name: 'additional-tag',
    kind: 'stringSlice',
    help: 'Further names of the image (docker-archive: only)',
  },
  { name: 'dest-compress', kind: 'boolean', help: 'Compress layers in a folder (dir: only)' },
  { name: 'dest-decompress', kind: 'boolean', help: 'Unpack layers in a folder (dir: only)' },
  {
    name: 'dest-compress-format',
    kind: 'string',
    placeholder: 'FORMAT',
    values: ['gzip', 'zstd', 'zstd:chunked'],
    help: 'FORMAT of compressed layers: gzip, zstd or zstd:chunked. Layers of another format are compressed anew',
  },
  {
    name: 'dest-compress-level',
    kind: 'int',
    placeholder: 'LEVEL',
    help: 'LEVEL of the compression: gzip 1 to 9, zstd 1 to 22',
  },
  {
    name: 'dest-force-compress-format',
    kind: 'boolean',
    help: 'Accepted for scripts: no layer of another format than --dest-compress-format is used again',
  },
  {
    name: 'dest-oci-accept-uncompressed-layers',
    kind: 'boolean',
    help: 'Leave layers in an OCI layout that are not compressed as they are',
  },
  {
    name: 'dest-precompute-digests',
    kind: 'boolean',
    help: 'Accepted for scripts; it changes nothing',
  },
];

/** With which keys layers are encrypted and decrypted. */
export const encryptionFlags: readonly FlagSpec[] = [
  {
    name: 'decryption-key',
    kind: 'stringSlice',
    placeholder: 'KEY',
    help: 'Decrypt layers with the private KEY: FILE or FILE:PASSWORD (FILE:file=PASSWORDFILE keeps it from ps)',
  },
  {
    name: 'encrypt-layer',
    kind: 'stringSlice',
    placeholder: 'LAYER',
    help: 'Encrypt only this LAYER: 0 is the first, -1 the last. Default: all',
  },
  {
    name: 'encryption-key',
    kind: 'stringSlice',
    placeholder: 'PROTOCOL:KEY',
    help: 'Encrypt layers for the public key of jwe:FILE',
  },
];
