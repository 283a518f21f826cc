// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { runtimeError } from './runtime-error.ts';

describe('the words of a runtime', () => {
  const cases: [string, string, Code][] = [
    ['exec: "nope": executable file not found in $PATH', 'COMMAND_NOT_FOUND', Code.NotFound],
    [
      'runc create failed: unable to start container process: exec: "/nope": stat /nope: no such file or directory',
      'COMMAND_NOT_FOUND',
      Code.NotFound,
    ],
    [
      'executable file `nope` not found in $PATH: No such file or directory',
      'COMMAND_NOT_FOUND',
      Code.NotFound,
    ],
    ['exec: "/etc/passwd": permission denied', 'COMMAND_NOT_EXECUTABLE', Code.PermissionDenied],
    ['exec: "/etc": is a directory', 'COMMAND_NOT_EXECUTABLE', Code.PermissionDenied],
    ['container does not exist', 'CONTAINER_UNKNOWN', Code.NotFound],
    ['container with given ID already exists', 'CONTAINER_EXISTS', Code.AlreadyExists],
    ['container with id exists: web', 'CONTAINER_EXISTS', Code.AlreadyExists],
    ['cannot exec a container that has stopped', 'CONTAINER_NOT_RUNNING', Code.FailedPrecondition],
    ['cannot exec in a stopped container', 'CONTAINER_NOT_RUNNING', Code.FailedPrecondition],
    ['container not running', 'CONTAINER_NOT_RUNNING', Code.FailedPrecondition],
    ['cannot start an already running container', 'CONTAINER_RUNNING', Code.FailedPrecondition],
    [
      'cannot delete container web that is not stopped: running',
      'CONTAINER_RUNNING',
      Code.FailedPrecondition,
    ],
    ['unknown signal "FOO"', 'SIGNAL_UNKNOWN', Code.InvalidArgument],
    [
      'error mounting "/nope" to rootfs at "/data": stat /nope: no such file or directory',
      'RUNTIME_FAILED',
      Code.Internal,
    ],
    [
      'chdir to cwd ("/nope") set in config.json failed: no such file or directory',
      'WORKDIR_UNKNOWN',
      Code.NotFound,
    ],
    [
      'chdir to cwd ("/bin/sh") set in config.json failed: not a directory',
      'WORKDIR_UNUSABLE',
      Code.InvalidArgument,
    ],
    [
      'unable to start container process: error during container init: mkdir /bin/sh: not a directory',
      'WORKDIR_UNUSABLE',
      Code.InvalidArgument,
    ],
    [
      'error during container init: error mounting "/a" to rootfs at "/b": mkdir /b: not a directory',
      'RUNTIME_FAILED',
      Code.Internal,
    ],
    ['', 'RUNTIME_FAILED', Code.Internal],
  ];
  it.each(cases)('"%s" gives %s', (words, reason, code) => {
    const error = runtimeError(words, { verb: 'create', id: 'web' });
    expect({ reason: error.reason, code: error.code }).toEqual({ reason, code });
  });

  it('become one line of bounded length without control characters', () => {
    const { message } = runtimeError(`bad\nthing \x1b[31m${'x'.repeat(9000)}`, { verb: 'start', id: 'web' });
    expect(message).toMatch(/^runtime start of container web failed: bad thing \[31mx+$/);
    expect(message.length).toBeLessThan(2100);
  });
});
