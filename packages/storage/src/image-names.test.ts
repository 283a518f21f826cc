// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { checkName, withNames } from './image-names.ts';
import { emptyRecord } from './record-json.ts';
import type { ImageRecord } from './records.ts';

function image(id: string, names: string[], namesHistory: string[] = []): ImageRecord {
  return {
    ...emptyRecord(id, '2026-01-01T00:00:00Z'),
    names,
    namesHistory,
    digest: undefined,
    topLayer: undefined,
    mappedLayers: [],
    bigDataSizes: {},
    bigDataDigests: {},
  };
}

describe('giving an image a name', () => {
  it('puts it first, keeps it in the history, and takes it from the image that had it', () => {
    const before = [image('a', ['x', 'y'], ['x', 'y']), image('b', ['z'], ['z', 'y']), image('c', [])];
    const after = withNames(before, 'b', ['y']);
    expect(after.map(({ names, namesHistory }) => [names, namesHistory])).toEqual([
      [['x'], ['x', 'y']],
      [
        ['y', 'z'],
        ['y', 'z'],
      ],
      [[], []],
    ]);
    expect(after[2]).toBe(before[2]);
  });

  it('changes nothing without names', () => {
    const before = [image('a', ['x'])];
    expect(withNames(before, 'a', [])).toBe(before);
  });
});

describe('checkName', () => {
  it.each(['quay.io/a/b:1', 'localhost/a:latest', `docker.io/library/a@sha256:${'0'.repeat(64)}`])(
    'takes %s',
    (name) => {
      expect(checkName(name)).toBe(name);
    },
  );
  it.each(['quay.io/a/b', 'A:1', '', '<none>:<none>', '../x:1'])('refuses %j', (name) => {
    expect(() => checkName(name)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  });
});
