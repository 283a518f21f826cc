// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

const file = '--authfile {dir}/auth.json';
const loggedIn = [`login ${file} --tls-verify=false -u me -p secret {registry}`];

/** login and logout; the registry of the test takes every password. */
export const loginRows: readonly Row[] = [
  { name: 'login writes the file', lines: [...loggedIn, '! grep . auth.json', '! stat -c %a auth.json'] },
  {
    name: 'login takes the password from stdin',
    lines: [
      `! echo secret | $TOOL login --authfile auth.json --tls-verify=false -u me --password-stdin {registry}`,
      '! grep . auth.json',
    ],
  },
  {
    name: 'login --get-login tells who',
    before: loggedIn,
    lines: [`login ${file} --get-login {registry}`, `login ${file} --get-login example.com`],
  },
  {
    name: 'login again is not asked',
    before: loggedIn,
    lines: [
      `login ${file} --tls-verify=false {registry}`,
      `login ${file} --tls-verify=false -v -u me -p secret {registry}`,
    ],
  },
  {
    name: 'login for a part of a registry',
    lines: [`login ${file} --tls-verify=false -u me -p secret {registry}/team`, '! grep . auth.json'],
  },
  {
    name: 'login with flags that do not fit',
    lines: [
      `login ${file} --password-stdin {registry}`,
      `login ${file} -u me -p secret --password-stdin {registry}`,
      `login ${file} a b`,
    ],
  },
  {
    name: 'login where no registry is',
    lines: [`login ${file} -u me -p secret 127.0.0.1:1`, '! test -e auth.json'],
  },
  {
    name: 'logout removes the login',
    before: loggedIn,
    lines: [`logout ${file} {registry}`, '! grep . auth.json', `login ${file} --get-login {registry}`],
  },
  { name: 'logout of all', before: loggedIn, lines: [`logout ${file} --all`, '! grep . auth.json'] },
  {
    name: 'logout of what is not logged in',
    before: loggedIn,
    lines: [`logout ${file} example.com`, `logout ${file} --all x`],
  },
];
