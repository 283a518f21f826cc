// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { compareSync } from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { createPasswordCheck } from './htpasswd.ts';
import { parseHtpasswd } from './htpasswd-file.ts';

/** Of `htpasswd -nbB -C 4 anna secret`. */
const hash = '$2y$04$mpbuNczIzU.ja67vThCune8YjqnWxkQs5CIOWF/RBAkJfp/5AasI.';
const other = hash.replace('2y', '2b');

describe('parseHtpasswd', () => {
  it('reads users, and leaves comments and empty lines out', () => {
    const text = `# users\n\nanna:${hash}\r\nbo b:${other}\nanna:${other}\n`;
    const { hashes, cost } = parseHtpasswd(text, 'users');
    expect([...hashes]).toEqual([
      ['anna', hash],
      ['bo b', other],
    ]);
    expect(cost).toBe(4);
  });

  it.each([
    ['a line without a colon', 'anna', 'users:1: is not NAME:HASH'],
    ['a line without a name', `:${hash}`, 'users:1: is not NAME:HASH'],
    ['a hash of MD5', '\nanna:$apr1$DOGJ7P71$1YqxEBNvRGAt8Q5gVd0Fg1', 'users:2: the password of "anna"'],
    ['a hash of SHA-1', 'anna:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', 'htpasswd -B'],
    ['a hash of SHA-256', 'anna:$5$rounds=5000$x$y', 'htpasswd -B'],
    ['a password in the clear', 'anna:secret', 'htpasswd -B'],
    ['the faulty bcrypt of old PHP', `anna:${hash.replace('2y', '2x')}`, 'htpasswd -B'],
    ['a hash that breaks off', `anna:${hash.slice(0, -1)}`, 'htpasswd -B'],
    ['a further field', `anna:${hash}:x`, 'htpasswd -B'],
    ['a cost that takes minutes', `anna:${hash.replace('$04$', '$31$')}`, 'cost of "anna" is 31'],
    ['a cost that bcrypt does not have', `anna:${hash.replace('$04$', '$03$')}`, 'cost of "anna" is 3'],
    ['a name with an escape sequence', '\u001b[2Janna:x', '"\\u001b[2Janna"'],
  ])('refuses %s', (_name, text, says) => {
    let caught: unknown;
    try {
      parseHtpasswd(text, 'users');
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({
      code: Code.InvalidArgument,
      reason: 'HTPASSWD_INVALID',
      message: expect.stringContaining(says),
    });
    expect(String(caught)).not.toContain(text.split(':')[1] || '\0');
  });
});

describe('a password check', () => {
  const users = parseHtpasswd(`anna:${hash}`, 'users');
  const start = (cacheMs = 1000) => {
    const asked: string[] = [];
    const clock = { now: 0 };
    const check = createPasswordCheck({
      cacheMs,
      now: () => clock.now,
      verify: async (password, against) => {
        asked.push(against);
        return compareSync(password, against);
      },
    });
    return { asked, clock, check };
  };

  it('takes as much work for a name that nobody has', async () => {
    const { asked, check } = start();
    expect(await check(users, 'nobody', 'secret')).toBe(false);
    expect(await check(users, '__proto__', 'secret')).toBe(false);
    expect(asked).toHaveLength(2);
    for (const against of asked) expect(against).toMatch(/^\$2b\$04\$[./A-Za-z0-9]{53}$/);
  });

  it('remembers a right password for its time, and a wrong one never', async () => {
    const { asked, clock, check } = start();
    for (let count = 0; count < 3; count++) expect(await check(users, 'anna', 'secret')).toBe(true);
    expect(asked).toHaveLength(1);
    clock.now = 1000;
    expect(await check(users, 'anna', 'secret')).toBe(true);
    expect(asked).toHaveLength(2);
    for (let count = 0; count < 2; count++) expect(await check(users, 'anna', 'guess')).toBe(false);
    expect(asked).toHaveLength(4);
  });

  it('forgets who has another password or is gone', async () => {
    const { check } = start();
    expect(await check(users, 'anna', 'secret')).toBe(true);
    const changed = parseHtpasswd(`anna:${hash.slice(0, -1)}a`, 'users');
    expect(await check(changed, 'anna', 'secret')).toBe(false);
    expect(await check(parseHtpasswd('', 'users'), 'anna', 'secret')).toBe(false);
    expect(await check(users, 'anna', 'secret')).toBe(true);
  });

  it('asks once for what many clients ask at the same time', async () => {
    const { asked, check } = start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => check(users, 'anna', 'secret')));
    expect([answers.every(Boolean), asked.length]).toEqual([true, 1]);
  });
});
