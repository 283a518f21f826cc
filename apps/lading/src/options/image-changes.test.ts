// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseImageChanges } from './image-changes.ts';

describe('--change', () => {
  it.each([
    ['CMD ["a","b c"]', { cmd: ['a', 'b c'] }],
    ['CMD=["a"]', { cmd: ['a'] }],
    ['cmd a b', { cmd: ['/bin/sh', '-c', 'a b'] }],
    ['ENTRYPOINT ["a"', { entrypoint: ['/bin/sh', '-c', '["a"'] }],
    ['ENV A=b=c', { env: { A: 'b=c' } }],
    ['ENV A b c', { env: { A: 'b c' } }],
    ['LABEL x="y z"', { labels: { x: 'y z' } }],
    ['EXPOSE 80', { exposedPorts: { '80/tcp': true } }],
    ['EXPOSE 53/udp', { exposedPorts: { '53/udp': true } }],
    ['VOLUME ["/a","/b"]', { volumes: { '/a': true, '/b': true } }],
    ['USER guest', { user: 'guest' }],
    ['WORKDIR /x', { workingDir: '/x' }],
    ['STOPSIGNAL 9', { stopSignal: '9' }],
  ])('%s', (text, changes) => {
    expect(parseImageChanges([text])).toEqual(changes);
  });

  it('adds names to those before, and lets the last word win', () => {
    expect(parseImageChanges(['ENV A=1', 'ENV B=2', 'USER a', 'USER b'])).toEqual({
      env: { A: '1', B: '2' },
      user: 'b',
    });
  });

  it.each(['', 'CMD', 'FROM x', 'RUN true', 'ENV =b'])('refuses %j', (text) => {
    expect(() => parseImageChanges([text])).toThrow('invalid change');
  });
});
