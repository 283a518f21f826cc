// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { exportGpgKeys, verifySimpleSignature } from '@lading/image-copy';
import { readNamedFile } from '../read-file.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [manifestPath = '', dockerReference = '', trusted = '', signaturePath = ''] = args;
  const keyFile = flags.string('public-key-file');
  if (!keyFile && trusted === 'any') throw usageError('Cannot use any fingerprint without a public key file');
  const manifest = await readNamedFile(environment, manifestPath, 'the manifest');
  const signature = await readNamedFile(environment, signaturePath, 'the signature');
  const fingerprints = trusted.split(',');
  const publicKeys = keyFile
    ? await readNamedFile(environment, keyFile, 'the public keys')
    : await exportGpgKeys(fingerprints, { env: environment.env, signal: signalOf(call) });
  const { digest, fingerprint } = await verifySimpleSignature(signature, {
    manifest,
    dockerReference,
    publicKeys,
    fingerprints: trusted === 'any' ? undefined : fingerprints,
  });
  await environment.stdout(`Signature verified using fingerprint ${fingerprint}, digest ${digest}\n`);
  return 0;
}
