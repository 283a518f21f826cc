// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

const file = '--authfile $DIR/auth.json';
const loggedIn = [`login ${file} --tls-verify=false -u me -p secret $HOST`];

/** login and logout; the registry of the test takes every password. */
export const loginRows: readonly Row[] = [
  { name: 'login writes the file', lines: [...loggedIn, '! grep . auth.json', '! stat -c %a auth.json'] },
  {
    name: 'login takes the password from stdin',
    lines: [
      `! echo secret | $TOOL login --authfile auth.json --tls-verify=false -u me --password-stdin $HOST`,
      '! grep . auth.json',
    ],
  },
  {
    name: 'login --get-login tells who',
    before: loggedIn,
    lines: [`login ${file} --get-login $HOST`, `login ${file} --get-login example.com`],
  },
  {
    name: 'login again is not asked',
    before: loggedIn,
    lines: [
      `login ${file} --tls-verify=false $HOST`,
      `login ${file} --tls-verify=false -v -u me -p secret $HOST`,
    ],
  },
  {
    name: 'login for a part of a registry',
    lines: [`login ${file} --tls-verify=false -u me -p secret $HOST/team`, '! grep . auth.json'],
  },
  {
    name: 'login with flags that do not fit',
    lines: [
      `login ${file} --password-stdin $HOST`,
      `login ${file} -u me -p secret --password-stdin $HOST`,
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
    lines: [`logout ${file} $HOST`, '! grep . auth.json', `login ${file} --get-login $HOST`],
  },
  { name: 'logout of all', before: loggedIn, lines: [`logout ${file} --all`, '! grep . auth.json'] },
  {
    name: 'logout of what is not logged in',
    before: loggedIn,
    lines: [`logout ${file} example.com`, `logout ${file} --all x`],
  },
];
