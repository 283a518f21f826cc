// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { readUntrustedSignature } from '@lading/image-copy';
import { goJson } from '../go-json.ts';
import { readNamedFile } from '../read-file.ts';

export async function run({ args, environment }: CommandCall): Promise<number> {
  const [path = ''] = args;
  const signature = await readUntrustedSignature(
    await readNamedFile(environment, path, 'the untrusted signature'),
  );
  const { digest, dockerReference, creator, timestamp, keyId } = signature;
  const document = {
    UntrustedDockerManifestDigest: digest,
    UntrustedDockerReference: dockerReference,
    UntrustedCreatorID: creator ?? null,
    UntrustedTimestamp: timestamp === undefined ? null : goLocalTime(timestamp),
    UntrustedShortKeyIdentifier: keyId,
  };
  await environment.stdout(`${goJson(document)}\n`);
  return 0;
}

/** A time in seconds as Go prints it in the zone of this machine. */
function goLocalTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  const east = -time.getTimezoneOffset();
  const local = new Date(time.getTime() + east * 60_000).toISOString().replace(/\.\d+Z$/, '');
  if (east === 0) return `${local}Z`;
  const two = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, '0');
  return `${local}${east < 0 ? '-' : '+'}${two(east / 60)}:${two(east % 60)}`;
}
