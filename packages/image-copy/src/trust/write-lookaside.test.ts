// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { digestBytes, parseReference } from '@lading/image-spec';
import { expect, it } from 'vitest';
import { writeLookaside } from './write-lookaside.ts';

it('refuses a lookaside folder at once where no folder can be', async () => {
  const reference = parseReference('registry.example.com/app:1');
  const signature = { kind: 'simple', bytes: new Uint8Array([0x80]) } as const;
  const digest = await digestBytes(new Uint8Array());
  await expect(writeLookaside('file:///proc/no/x', reference, digest, [signature])).rejects.toMatchObject({
    code: Code.FailedPrecondition,
    message: expect.stringContaining('/proc/no'),
  });
});
