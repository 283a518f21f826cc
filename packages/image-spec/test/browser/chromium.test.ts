// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { runInChromium } from '../../../../tools/test-support/chromium.ts';
import type { PageInput } from './page.ts';

it('the package does in Chromium what it does in Node', async () => {
  const content = 'a bill of lading\n'.repeat(20_000);
  const digest = (name: string) => `${name}:${createHash(name).update(content).digest('hex')}`;
  const input: PageInput = { content, sha256: digest('sha256'), sha512: digest('sha512') };
  const seen = await runInChromium("export { default } from './page.ts';", import.meta.dirname, input);
  expect(seen).toEqual({
    documents: {
      same: true,
      edited: '{"later":18446744073709551615,"schemaVersion":2,"layers":[]}',
      frozen: true,
      empty: true,
      data: '{}',
      fault: 'manifest.config.mediaType: expected a media type (type/subtype), got nothing',
      size: 'manifest.config.size: expected a whole number from 0 to 2^53 - 1, got 9007199254740993',
    },
    hashers: [input.sha256, input.sha512],
    digests: [input.sha256, input.sha512],
    streams: [content.length, content.length, 'DIGEST_MISMATCH'],
    bytes: 'TRUNCATED',
    references: ['docker.io/library/busybox:1', 'busybox', 'NAME_INVALID', '[2001:db8::1]:5000/a'],
    platforms: ['linux/arm64', 'linux/arm/v7'],
  });
});
