// SPDX-License-Identifier: Apache-2.0
import type { Line, Row } from '../row.ts';
import { made as madeOf } from './run-flags.ts';

/** Without a timer: podman leaves that to systemd, and complains where there is none. */
const checked = (
  name: string,
  flags: readonly string[],
  lines: readonly Line[],
  command = 'sleep 1000',
): Row => ({
  name,
  before: [
    [
      ...'run -d --name {row} --network none --health-interval disable'.split(' '),
      ...flags,
      '{image}',
      ...command.split(' '),
    ],
  ],
  lines,
  after: ['rm -f -t 0 {row}'],
});

const status = ['inspect', '--format', '{{.State.Health.Status}} {{.State.Health.FailingStreak}}', '{row}'];
const health = [
  'inspect',
  '--format',
  '{{.State.Health.Status}} {{range .State.Health.Log}}[{{.ExitCode}} {{.Output}}]{{end}}',
  '{row}',
];
const config = ['inspect', '--format', '{{json .Config.Healthcheck}}', '{row}'];

/** What create makes of flags, or says of them. */
const made = (name: string, flags: readonly string[]): Row =>
  madeOf(name, flags, '{{json .Config.Healthcheck}} {{.Config.HealthcheckOnFailureAction}}');

/** Health checks. */
export const healthRows: readonly Row[] = [
  checked(
    'a check that is never run',
    ['--health-cmd', 'true'],
    [status, config, "!$TOOL ps --filter name={row} --format '{{.Status}}' | sed 's/.*(/(/'"],
  ),
  checked(
    'a check that fails makes it unhealthy in the end',
    ['--health-cmd', 'exit 3', '--health-retries', '2'],
    ['healthcheck run {row}', status, 'healthcheck run {row}', status, 'ps -q --filter health=unhealthy'],
  ),
  checked(
    'a check that is well again',
    ['--health-cmd', 'test -e /well', '--health-retries', '1'],
    ['healthcheck run {row}', status, 'exec {row} touch /well', 'healthcheck run {row}', status],
  ),
  checked(
    'what a check prints is kept',
    ['--health-cmd', 'echo out; echo err >&2'],
    ['healthcheck run {row}', health],
  ),
  checked(
    'the last five are kept',
    ['--health-cmd', 'echo x >> /count; wc -l < /count'],
    [...Array.from({ length: 7 }, () => 'healthcheck run {row}'), health],
  ),
  checked(
    'a failure in the start period does not count',
    ['--health-cmd', 'false', '--health-start-period', '1h', '--health-retries', '1'],
    ['healthcheck run {row}', status],
  ),
  checked(
    'a list of words is run without a shell',
    ['--health-cmd', '["sh","-c","echo $0","a b"]'],
    ['healthcheck run {row}', health, config],
  ),
  checked(
    'a program that is not there is a failure',
    ['--health-cmd', '["CMD","nosuch"]', '--health-retries', '1'],
    ['healthcheck run {row}', status],
  ),
  checked(
    'a paused container is not checked',
    ['--health-cmd', 'true'],
    ['pause {row}', 'healthcheck run {row}', 'unpause {row}'],
  ),
  checked(
    'its status begins anew',
    ['--health-cmd', 'true'],
    [
      'healthcheck run {row}',
      status,
      '!$TOOL stop -t 0 {row} 2>/dev/null',
      status,
      '!$TOOL start {row} 2>/dev/null',
      status,
    ],
  ),
  checked('a container without a check', [], ['healthcheck run {row}', status, config]),
  checked('a check that was disabled', ['--no-healthcheck'], ['healthcheck run {row}', config]),
  {
    name: 'a container that does not run',
    before: ['create --name {row} --health-cmd true --network none {image} true'],
    lines: ['healthcheck run {row}', status],
    after: ['rm {row}'],
  },
  { name: 'a container that is not there', lines: ['healthcheck run nosuch'] },
  {
    name: 'healthcheck takes a command',
    lines: ['healthcheck', 'healthcheck run', 'healthcheck run a b'],
    ignore: /podman|lading/g,
  },
  made('a script', ['--health-cmd', 'echo a b']),
  made('one word', ['--health-cmd', 'true']),
  made('CMD and words', ['--health-cmd', 'CMD echo  a']),
  made('CMD-SHELL and a script', ['--health-cmd', 'CMD-SHELL echo a']),
  {
    ...made('a list of CMD', ['--health-cmd', '["CMD","echo","a"]']),
    differs: {
      reason: 'podman cuts the text of the list at its spaces',
      lines: { 1: { out: /^\{"Test":\["CMD","echo","a"\],.* none\n$/ } },
    },
  },
  made('a list of CMD-SHELL', ['--health-cmd', '["CMD-SHELL","echo a"]']),
  made('a list of one word', ['--health-cmd', '["echo a"]']),
  made('a list of no words', ['--health-cmd', '[]']),
  made('none', ['--health-cmd', 'none']),
  made('NONE', ['--health-cmd', 'NONE']),
  made('times', [
    ...'--health-cmd true --health-interval 1m30s --health-timeout 1500ms --health-start-period 2h'.split(
      ' ',
    ),
    ...'--health-retries 7'.split(' '),
  ]),
  made('no timer', ['--health-cmd', 'true', '--health-interval', 'disable']),
  made('an action', ['--health-cmd', 'true', '--health-on-failure', 'kill']),
  made('disabled', ['--no-healthcheck']),
  made('times without a check do nothing', ['--health-interval', '5s', '--health-retries', '0']),
  made('a check and none', ['--health-cmd', 'true', '--no-healthcheck']),
  made('an interval that is none', ['--health-cmd', 'true', '--health-interval', '1x']),
  made('a timeout that is none', ['--health-cmd', 'true', '--health-timeout', 'soon']),
  made('a start period that is none', ['--health-cmd', 'true', '--health-start-period', '-1s']),
  made('retries that are none', ['--health-cmd', 'true', '--health-retries', '0']),
  made('retries that are no number', ['--health-cmd', 'true', '--health-retries', 'x']),
  made('an action that is none', ['--health-cmd', 'true', '--health-on-failure', 'frob']),
  made('an action without a check', ['--health-on-failure', 'kill']),
];
