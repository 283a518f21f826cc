// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSplitLine } from './split-line.ts';
import { wholeLines } from './whole-lines.ts';

async function* once(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

describe('wholeLines', () => {
  it('never cuts a line, wherever the text was cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('', 'a', 'é\u{1f6a2}', 'some more')),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        async (lines, sizes) => {
          const bytes = Buffer.from(lines.join('\n'));
          const chunks: Buffer[] = [];
          for (let at = 0; at < bytes.length; ) {
            const size = sizes.next().value ?? 1;
            chunks.push(bytes.subarray(at, at + size));
            at += size;
          }
          const found = await Array.fromAsync(wholeLines(once(chunks)));
          expect(found.slice(0, -1).every((some) => some.at(-1) === 10)).toBe(true);
          expect(Buffer.concat(found)).toEqual(bytes);
        },
      ),
    );
  });

  it('refuses a line that has no end', async () => {
    const chunk = Buffer.alloc(1 << 20, 'x');
    const endless = wholeLines(once(Array.from({ length: 65 }, () => chunk)));
    await expect(Array.fromAsync(endless)).rejects.toMatchObject({ code: 'data_loss' });
  });
});

describe('parseSplitLine', () => {
  const parsed = (text: string) => {
    const lines = Buffer.from(`before\n${text}\nafter`);
    return parseSplitLine(lines, 7, 7 + Buffer.byteLength(text), 'the file');
  };

  it.each([
    ['{"type":2,"payload":"aGk=","position":3}', 'aGk='],
    ['{"type":2,"payload":"","position":3}', ''],
    ['{"type":2,"payload":"a\\/b=","position":3}', 'a/b='],
    ['{"type":2,"position":3,"payload":"aGk="}', 'aGk='],
    ['{"type":2, "payload":"aGk=" ,"position":3}', 'aGk='],
    ['{"type":2,"payload":null,"position":3}', null],
  ])('reads the bytes of %s', (text, payload) => {
    expect(parsed(text)).toMatchObject({ type: 2, payload });
  });

  it('reads a member of the archive', () => {
    expect(parsed('{"type":1,"name":"é\\u0026","size":7,"payload":"AAA=","position":4}')).toMatchObject({
      type: 1,
      name: 'é&',
      size: 7,
    });
  });

  it.each([
    '{"type":1,"name":"d","name_raw":"","payload":null}',
    '{"payload":null,"size":null,"name_raw":null,"name":"d","type":1}\r',
    '\t{ "position": "first", "name": "\\u0064", "type": 1 } ',
  ])('takes for left out what is empty or null, and any order: %j', (text) => {
    expect(parsed(text)).toEqual({ type: 1, name: 'd', name_raw: '', size: 0, payload: null });
  });

  it.each(['', '\r', ' \t'])('finds nothing in %j', (text) => expect(parsed(text)).toBeUndefined());

  it.each([
    '{"type":2,"payload":"aGk=',
    '{"type":1,"name":"d","size":-1,"payload":null}',
    '{"type":1,"name":7,"payload":null}',
    '{"name":"d","payload":null}',
    '{"type":2,"payload":"aGk=","position":3',
    'null',
    '{"type":2,"payload":3}',
  ])('refuses %s', (text) => expect(() => parsed(text)).toThrow('the file is not a tar-split file'));
});
