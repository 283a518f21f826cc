// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { decode, encode, listField } from './codec.ts';
import { EncodedMessage, encodeList, encodeMessage } from './encoded-message.ts';

describe('a list of encoded items', () => {
  it.each([0, 1, 100, 117, 118, 119, 16_000, 16_373, 16_374, 3_000_000])(
    'has the bytes of a plain encoding, with items of about %i bytes',
    (length) => {
      const containers = [
        { id: 'a'.repeat(length), createdAt: -1n, labels: { a: 'b' } },
        { id: 'b', metadata: { name: 'ü', attempt: 3 } },
        {},
      ];
      const items = containers.map((container) => encodeMessage('Container', container));
      const { bytes } = encodeList('ListContainersResponse', 'containers', items);
      expect(bytes.compare(encode('ListContainersResponse', { containers }))).toBe(0);
    },
  );

  it('takes the same items in every message that has them, under its own number', () => {
    const stats = [encodeMessage('ContainerStatus', { id: 'c', exitCode: 3 })];
    for (const name of ['ContainerEventResponse', 'PodSandboxStatusResponse'] as const) {
      const { bytes } = encodeList(name, 'containersStatuses', stats);
      expect(decode(name, bytes)).toMatchObject({ containersStatuses: [{ id: 'c', exitCode: 3 }] });
    }
  });

  it('is empty without items', () => {
    expect(encodeList('ListPodSandboxResponse', 'items', []).bytes).toHaveLength(0);
  });

  it('refuses an item that is another message', () => {
    const stranger = new EncodedMessage<never>('PodSandbox', Buffer.from('0a0161', 'hex'));
    expect(() => encodeList('ListContainersResponse', 'containers', [stranger])).toThrow(
      'ListContainersResponse.containers has no PodSandbox: Container alone',
    );
  });
});

it.each([
  ['ContainerStatus', 'labels'],
  ['ExecRequest', 'cmd'],
  ['ContainerStatus', 'image'],
  ['ContainerStatus', 'none'],
])('%s has no list of messages named %s', (name, field) => {
  expect(() => listField(name, field)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
});

it('an item whose value does not fit is refused', () => {
  expect(() => encodeMessage('Container', { createdAt: 2n ** 64n })).toThrow(/createdAt: .* does not fit/);
});
