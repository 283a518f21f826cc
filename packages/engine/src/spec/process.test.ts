// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { composeProcess } from './process.ts';

const image = {
  Entrypoint: ['/entry'],
  Cmd: ['one'],
  Env: ['A=1', 'PATH=/bin', 'rubbish'],
  WorkingDir: '/srv',
  User: 'web',
};

describe('composeProcess', () => {
  const cases: [string, object, object, readonly string[]][] = [
    ['runs entrypoint and command of the image', image, {}, ['/entry', 'one']],
    ['replaces the command', image, { command: ['two'] }, ['/entry', 'two']],
    ['clears the command', image, { command: [] }, ['/entry']],
    ['drops the image command with a new entrypoint', image, { entrypoint: ['/sh'] }, ['/sh']],
    ['replaces both', image, { entrypoint: ['/sh'], command: ['-c'] }, ['/sh', '-c']],
    ['clears the entrypoint', image, { entrypoint: [], command: ['x'] }, ['x']],
  ];
  it.each(cases)('%s', (_name, config, options, args) => {
    expect(composeProcess(config, { image: 'x', ...options }, 'h').args).toEqual(args);
  });

  it('merges the environment, the caller last', () => {
    const { env } = composeProcess(image, { image: 'x', env: { A: '2', B: '' }, terminal: true }, 'h');
    expect(env).toEqual(['PATH=/bin', 'container=lading', 'TERM=xterm', 'HOSTNAME=h', 'A=2', 'B=']);
  });

  it('takes folder and user of the image, or the caller', () => {
    expect(composeProcess(image, { image: 'x' }, 'h')).toMatchObject({ cwd: '/srv', user: 'web' });
    expect(composeProcess(image, { image: 'x', workdir: '/w', user: '5' }, 'h')).toMatchObject({
      cwd: '/w',
      user: '5',
    });
  });

  it.each([
    [{}, {}, /neither Entrypoint nor Cmd/],
    [image, { workdir: 'srv' }, /absolute/],
    [image, { env: { 'A=B': '1' } }, /not valid/],
    [image, { command: ['a\0b'] }, /NUL/],
  ])('refuses %j with %j', (config, options, message) => {
    expect(() => composeProcess(config, { image: 'x', ...options }, 'h')).toThrow(message);
  });
});
