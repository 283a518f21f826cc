// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, FlagSpec } from '@lading/command-line';

function passphraseFile(help: string): FlagSpec {
  return { name: 'passphrase-file', kind: 'string', placeholder: 'PATH', help };
}

export const standaloneSignSpec: CommandSpec = {
  name: 'standalone-sign',
  summary: 'Create a signature using local files',
  usage: 'standalone-sign [command options] MANIFEST DOCKER-REFERENCE KEY-FINGERPRINT --output|-o SIGNATURE',
  args: {
    min: 3,
    max: 3,
    tooFew: 'Usage: lading-copy standalone-sign manifest docker-reference key-fingerprint -o signature',
  },
  flags: [
    {
      name: 'output',
      short: 'o',
      kind: 'string',
      placeholder: 'SIGNATURE',
      help: 'Write the signature to SIGNATURE',
    },
    passphraseFile('Read the passphrase of the key from the first line of PATH'),
  ],
  examples: [
    'lading-copy standalone-sign manifest.json quay.io/team/app:1 1D8230F6CDB6A06716E414C1DB72F2188BB46CC8 -o app.signature',
  ],
  load: () => import('../commands/standalone-sign.ts'),
};

export const standaloneVerifySpec: CommandSpec = {
  name: 'standalone-verify',
  summary: 'Verify a signature using local files',
  description: `Verify a signature using local files

KEY-FINGERPRINTS can be a comma separated list of fingerprints, or "any" if you trust all the keys in the public key file.`,
  usage: 'standalone-verify MANIFEST DOCKER-REFERENCE KEY-FINGERPRINTS SIGNATURE',
  args: {
    min: 4,
    max: 4,
    tooFew: 'Usage: lading-copy standalone-verify manifest docker-reference key-fingerprint signature',
  },
  flags: [
    {
      name: 'public-key-file',
      kind: 'string',
      help: 'File containing public keys. If not specified, will use local GPG keys.',
    },
  ],
  examples: [
    'lading-copy standalone-verify manifest.json quay.io/team/app:1 any app.signature --public-key-file keys.gpg',
  ],
  load: () => import('../commands/standalone-verify.ts'),
};

export const untrustedSignatureDumpSpec: CommandSpec = {
  name: 'untrusted-signature-dump-without-verification',
  summary: 'Dump contents of a signature WITHOUT VERIFYING IT',
  usage: 'untrusted-signature-dump-without-verification SIGNATURE',
  args: {
    min: 1,
    max: 1,
    tooFew: 'Usage: lading-copy untrusted-signature-dump-without-verification signature',
  },
  hidden: true,
  load: () => import('../commands/untrusted-signature-dump.ts'),
};

export const generateSigstoreKeySpec: CommandSpec = {
  name: 'generate-sigstore-key',
  summary: 'Generate a sigstore public/private key pair',
  usage: 'generate-sigstore-key [command options] --output-prefix PREFIX',
  args: { min: 0, max: 0 },
  flags: [
    {
      name: 'output-prefix',
      kind: 'string',
      placeholder: 'PREFIX',
      help: 'Write the keys to PREFIX.pub and PREFIX.private',
    },
    passphraseFile('Read a passphrase for the private key from PATH'),
  ],
  examples: ['lading-copy generate-sigstore-key --output-prefix my-key'],
  load: () => import('../commands/generate-sigstore-key.ts'),
};
