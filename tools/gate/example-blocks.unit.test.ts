// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { blocksOf, docExamplesOf, promisedLines } from './example-blocks.ts';

it('finds each fenced block with its language and line', () => {
  const text = '# T\n\n```ts\nconst a = 1;\n```\n\ntext\n\n```\nplain\n```\n';
  expect(blocksOf(text)).toEqual([
    { language: 'ts', code: 'const a = 1;\n', line: 3 },
    { language: '', code: 'plain\n', line: 9 },
  ]);
});

it('leaves out a block that never ends', () => {
  expect(blocksOf('```sh\nrm -rf /\n')).toEqual([]);
});

it('reads the promised lines in order', () => {
  expect(promisedLines('log(1); // → 1\nlog(2);\n// → second\n// not this\n')).toEqual(['1', 'second']);
});

it('finds the examples in the documentation of a source', () => {
  const text = [
    '/** No example. */',
    'export const a = 1;',
    '/**',
    ' * Text.',
    ' *',
    ' * ```ts',
    ' * notAnExample();',
    ' * ```',
    ' *',
    ' * @example',
    ' * ```ts',
    ' * if (a) {',
    ' *   log(1); // → 1',
    ' * }',
    ' * ```',
    ' */',
  ].join('\n');
  const code = 'if (a) {\n  log(1); // → 1\n}\n';
  expect(docExamplesOf(text)).toEqual([{ language: 'ts', code, line: 11 }]);
});
