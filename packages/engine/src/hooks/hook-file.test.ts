// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { type HookSubject, parseHookFile } from './hook-file.ts';

const plain: HookSubject = {
  annotations: { 'io.example/trace': 'yes' },
  command: '/bin/sh',
  hasBindMounts: false,
};

function fileOf(when: object, more: object = {}): string {
  return JSON.stringify({
    version: '1.0.0',
    hook: { path: '/bin/true' },
    when,
    stages: ['poststop'],
    ...more,
  });
}

describe('the conditions of a hook', () => {
  it.each<[object, boolean]>([
    [{ always: true }, true],
    [{ always: false }, false],
    [{ always: false, commands: ['.*'] }, false],
    [{ hasBindMounts: true }, false],
    [{ hasBindMounts: false }, true],
    [{ commands: ['^/bin/bash$', '^/bin/sh$'] }, true],
    [{ commands: ['^sh$'] }, false],
    [{ commands: ['(?i)/BIN/SH'] }, true],
    [{ annotations: { '^io\\.example/': '^yes$' } }, true],
    [{ annotations: { '^io\\.example/': '^no$' } }, false],
    [{ annotations: { trace: 'yes', other: '.*' } }, false],
    [{ annotations: { trace: 'yes' }, commands: ['bash'] }, false],
    [{ annotations: { trace: 'yes' }, commands: ['\\Ash|/sh\\z'] }, true],
  ])('%j', (when, expected) => {
    expect(parseHookFile(fileOf(when)).matches(plain)).toBe(expected);
  });
});

it.each([
  ['no version', fileOf({ always: true }, { version: undefined }), 'version'],
  ['another version', fileOf({ always: true }, { version: '0.1.0' }), '1.0.0'],
  ['no condition', fileOf({}), 'no condition'],
  ['a condition with a slip', fileOf({ always: true, command: ['x'] }), 'when.command is no condition'],
  ['an unknown stage', fileOf({ always: true }, { stages: ['later'] }), 'stages[0]'],
  ['no stage', fileOf({ always: true }, { stages: [] }), 'stages is empty'],
  ['a relative path', fileOf({ always: true }, { hook: { path: 'true' } }), '"true" is not an absolute path'],
  [
    'a time without length',
    fileOf({ always: true }, { hook: { path: '/a', timeout: 0 } }),
    'hook.hook.timeout',
  ],
  ['a broken expression', fileOf({ commands: ['('] }), '"(" is no regular expression'],
  ['text that is no JSON', '{', 'JSON'],
])('refuses a file with %s', (_what, text, message) => {
  expect(() => parseHookFile(text)).toThrow(
    expect.objectContaining({ code: Code.InvalidArgument, message: expect.stringContaining(message) }),
  );
});
