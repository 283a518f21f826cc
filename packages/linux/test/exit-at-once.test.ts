// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('ends the process with its code, and calls no listener more', () => {
  const script = `
    import { exitAtOnce } from '@lading/linux';
    process.on('exit', () => console.log('first'));
    process.on('exit', () => exitAtOnce(process.exitCode));
    process.on('exit', () => console.log('never'));
    setInterval(() => {}, 1000);
    process.exit(7);
  `;
  const ended = spawnSync(
    process.execPath,
    ['--conditions=@lading/source', '--input-type=module', '-e', script],
    {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    },
  );
  expect([ended.status, ended.stdout, ended.stderr]).toEqual([7, 'first\n', '']);
});
