// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { highestId } from './ids-of-image.ts';

describe('highestId', () => {
  it.each<[string, string, readonly number[], number]>([
    ['looks at users and their groups', 'root:x:0:0:r:/:sh\nweb:x:5:70::/:sh\n', [2, 3], 70],
    ['leaves out nobody, by name and by id', 'nobody:x:900:900::\nno:x:65534:65534::\na:x:1:1::', [2, 3], 1],
    ['leaves out nogroup', 'nogroup:x:900:\ndaemon:x:2:\n', [2], 2],
    ['takes no number for one that is none', 'a:x:-5:1e9\nb:x::\n# c\n', [2, 3], -1],
    ['finds nothing in nothing', '', [2, 3], -1],
  ])('%s', (_what, text, columns, expected) => {
    expect(highestId(text, columns)).toBe(expected);
  });
});
