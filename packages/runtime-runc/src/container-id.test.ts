// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { checkContainerId } from './container-id.ts';

describe('a container id', () => {
  it.each(['a', '0f3e', 'web-1_x.y+z', 'a'.repeat(128)])('may be %s', (id) => {
    expect(() => checkContainerId(id)).not.toThrow();
  });

  it.each(['', '-rf', '--force', '.notes', '..', 'a/b', 'a b', 'a\n', 'a\0', 'é', 'a'.repeat(129)])(
    'may not be %j',
    (id) => {
      expect(() => checkContainerId(id)).toThrow(/is not valid/);
    },
  );
});
