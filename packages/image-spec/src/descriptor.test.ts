// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { EmptyDescriptor, embeddedData, parseDescriptor } from './index.ts';

const layer = { mediaType: 'a/b', digest: `sha256:${'a'.repeat(64)}`, size: 10 };

describe('embeddedData', () => {
  it('gives the bytes whose digest matches', async () => {
    expect(await embeddedData(EmptyDescriptor)).toEqual(new TextEncoder().encode('{}'));
    expect(await embeddedData(parseDescriptor(layer))).toBeUndefined();
  });

  it('refuses others of the same size', async () => {
    const forged = parseDescriptor({ ...EmptyDescriptor, data: btoa('[]') });
    await expect(embeddedData(forged)).rejects.toMatchObject({
      code: Code.DataLoss,
      reason: 'DIGEST_MISMATCH',
    });
  });
});
