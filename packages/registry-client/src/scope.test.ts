// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { covers, unionOf } from './scope.ts';

it.each([
  [['repository:a:pull', 'repository:a:push'], ['repository:a:pull,push']],
  [
    ['repository:a:pull', 'repository:b:pull'],
    ['repository:a:pull', 'repository:b:pull'],
  ],
  [['repository:h:5000/a:pull', 'repository:h:5000/a:*'], ['repository:h:5000/a:pull,*']],
  [['', 'x', ':y', 'registry:catalog:*'], ['registry:catalog:*']],
])('the union of %j is %j', (scopes, expected) => expect(unionOf(scopes)).toEqual(expected));

it.each([
  ['repository:a:pull,push', 'repository:a:pull', true],
  ['repository:a:*', 'repository:a:delete,pull', true],
  ['repository:a:pull', 'repository:a:pull,push', false],
  ['repository:ab:pull', 'repository:a:pull', false],
])('a token for %s does for %s: %s', (wide, narrow, expected) => {
  expect(covers([wide], [narrow])).toBe(expected);
  expect(covers([wide], [])).toBe(true);
});
