// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { expect, it } from 'vitest';
import { parseConfig } from './parse-config.ts';

it('reads the options of an existing crio.conf, and names the rest', () => {
  const text = `
[crio]
root = "/data"
log_dir = "/var/log/crio/pods"
[crio.api]
listen = "/run/x.sock"
stream_port = "0"
[crio.runtime]
default_runtime = "crun"
[crio.runtime.runtimes.crun]
runtime_path = "/usr/bin/crun"
runtime_type = "oci"
[crio.image]
insecure_registries = ["127.0.0.1:5000"]
[crio.network]
plugin_dirs = ["/opt/cni/bin"]
`;
  expect(parseConfig(text, 'crio.conf')).toEqual({
    settings: {
      graphRoot: '/data',
      listen: '/run/x.sock',
      streamPort: '0',
      defaultRuntime: 'crun',
      runtimes: { crun: '/usr/bin/crun' },
      insecureRegistries: ['127.0.0.1:5000'],
      networkPluginDirs: ['/opt/cni/bin'],
    },
    unknown: [{ key: 'crio.log_dir', line: 4, nearest: undefined }],
  });
});

it('takes an empty file', () => {
  expect(parseConfig('', 'x')).toEqual({ settings: {}, unknown: [] });
});

it.each([
  ['a value of the wrong kind', '[crio.api]\nlisten = 5', 'x.conf: crio.api.listen must be a string'],
  [
    'a list with a number',
    '[crio.network]\nplugin_dirs = ["/a", 1]',
    'x.conf: crio.network.plugin_dirs must be a list of absolute paths',
  ],
  ['a value for a table', 'crio = 5', 'x.conf: crio must be a table'],
  [
    'a value for all runtimes',
    '[crio.runtime]\nruntimes = "x"',
    'x.conf: crio.runtime.runtimes must be a table',
  ],
  [
    'a value for a runtime',
    '[crio.runtime.runtimes]\nrunc = "/usr/bin/runc"',
    'x.conf: crio.runtime.runtimes.runc must be a table',
  ],
  [
    'folders that depend on where it is started',
    '[crio.runtime]\nhooks_dir = ["/a", "b"]',
    'x.conf: crio.runtime.hooks_dir must be a list of absolute paths, such as ["/etc/folder"]',
  ],
  ['text that is no TOML', '[crio]\nroot = "/a"\nroot', 'x.conf:3:'],
])('names the file and the place of %s', (_what, text, message) => {
  expect(() => parseConfig(text, 'x.conf')).toThrow(
    expect.objectContaining({ code: Code.InvalidArgument, message: expect.stringContaining(message) }),
  );
});

it('takes keys of Object.prototype for unknown ones', () => {
  expect(parseConfig('constructor = 1\n["__proto__"]\nx = 1', 'x').settings).toEqual({});
});

it('takes empty strings for defaults, as in the file that CRI-O writes', () => {
  const text = '[crio.runtime]\nconmon = ""\n[crio.network]\ncni_default_network = ""';
  expect(parseConfig(text, 'x').settings).toEqual({});
});

it('looks up a runtime without a path by its name', () => {
  const text = `
[crio.runtime.runtimes.crun]
runtime_type = "oci"
[crio.runtime.runtimes.runsc]
runtime_path = ""
[crio.runtime.runtimes.youki]
[crio.api]
[crio.runtime.runtimes.runc]
runtime_path = "/usr/sbin/runc"
runtime_root = "/run/runc"
`;
  expect(parseConfig(text, 'x')).toEqual({
    settings: {
      runtimes: { crun: 'crun', runsc: 'runsc', youki: 'youki', runc: '/usr/sbin/runc' },
      runtimeRoots: { runc: '/run/runc' },
    },
    unknown: [],
  });
});

it('reads what a runtime has for itself', () => {
  const text = `
[crio.runtime.runtimes.crun]
monitor_path = "/opt/conmon"
monitor_env = ["A=1"]
container_create_timeout = 30
allowed_annotations = ["devices.crio.io"]
[crio.runtime.runtimes.crun.default_annotations]
"example.com/a.b" = "1"
c = "2"
`;
  expect(parseConfig(text, 'x')).toEqual({
    settings: {
      runtimes: { crun: 'crun' },
      monitorPaths: { crun: '/opt/conmon' },
      monitorEnv: { crun: ['A=1'] },
      createTimeouts: { crun: 30 },
      allowedAnnotations: { crun: ['devices.crio.io'] },
      defaultAnnotations: { crun: { 'example.com/a.b': '1', c: '2' } },
    },
    unknown: [],
  });
});

it.each([
  ['a slip', '[crio.runtime]\n\npid_limit = 3', 'crio.runtime.pid_limit', 3, 'crio.runtime.pids_limit'],
  ['the wrong table', '[crio.image]\npids_limit = 3', 'crio.image.pids_limit', 2, 'crio.runtime.pids_limit'],
  ['no table', 'crio.api.lisen = "/x"', 'crio.api.lisen', 1, 'crio.api.listen'],
  ['nothing like it', '[crio.nri]\nenable_nri = true', 'crio.nri.enable_nri', 2, undefined],
  ['an inline table', 'crio = { api = { lisen = "/x" } }', 'crio.api.lisen', undefined, 'crio.api.listen'],
])(
  'names the line of an unknown key, and what may have been meant: %s',
  (_what, text, key, line, nearest) => {
    expect(parseConfig(text, 'x').unknown).toEqual([{ key, line, nearest }]);
  },
);

it.each([
  ['[crio.runtime]\ntimezone = "Local"', 'x.conf: crio.runtime.timezone cannot be had'],
  ['[crio.runtime]\ninfra_ctr_cpuset = "0"', 'crio.runtime.infra_ctr_cpuset cannot be had'],
  ['[crio.runtime]\ndrop_infra_ctr = false', 'crio.runtime.drop_infra_ctr cannot be had'],
  ['[crio.image]\nseparate_pull_cgroup = "pod"', 'crio.image.separate_pull_cgroup cannot be had'],
  ['[crio.runtime]\ndisable_hostport_mapping = true', 'crio.runtime.disable_hostport_mapping cannot be had'],
  [
    '[crio.runtime.runtimes.runc]\nprivileged_without_host_devices = true',
    'crio.runtime.runtimes.runc.privileged_without_host_devices cannot be had',
  ],
  [
    '[crio.runtime.runtimes.kata]\nruntime_config_path = "/etc/kata.toml"',
    'crio.runtime.runtimes.kata.runtime_config_path cannot be had: it is the file of a runtime of virtual machines',
  ],
  [
    '[crio.runtime.runtimes.kata]\nruntime_type = "vm"',
    'crio.runtime.runtimes.kata.runtime_type cannot be had',
  ],
])('refuses what cannot be had: %s', (text, message) => {
  expect(() => parseConfig(text, 'x.conf')).toThrow(
    expect.objectContaining({ code: Code.InvalidArgument, message: expect.stringContaining(message) }),
  );
});

it('goes on with a warning where most files ask for systemd', () => {
  const lines = ['[crio.runtime]', 'cgroup_manager = "systemd"', 'conmon_cgroup = "system.slice"'];
  const { unknown } = parseConfig(
    [...lines, 'runtimes.runc.monitor_cgroup = "system.slice"'].join('\n'),
    'x',
  );
  expect(unknown.map(({ key }) => key)).toEqual([
    'crio.runtime.cgroup_manager',
    'crio.runtime.conmon_cgroup',
    'crio.runtime.runtimes.runc.monitor_cgroup',
  ]);
});

it('takes monitors in control groups of pods, and none that are said to be nowhere', () => {
  const text = (of: string, all: string): string =>
    `[crio.runtime]\nconmon_cgroup = "${all}"\nruntimes.runc.monitor_cgroup = "${of}"`;
  expect(parseConfig(text('pod', 'pod'), 'x')).toEqual({
    settings: { monitorCgroup: 'pod', monitorCgroups: { runc: 'pod' }, runtimes: { runc: 'runc' } },
    unknown: [],
  });
  expect(parseConfig(text('', ''), 'x')).toEqual({ settings: { runtimes: { runc: 'runc' } }, unknown: [] });
});

it('takes what is asked for and is done anyway', () => {
  const text =
    '[crio.runtime]\ntimezone = ""\ncgroup_manager = "cgroupfs"\nctr_stop_timeout = 30\nno_pivot = false\ndrop_infra_ctr = true\ndisable_hostport_mapping = false\n[crio.image]\nseparate_pull_cgroup = ""';
  expect(parseConfig(text, 'x')).toEqual({ settings: {}, unknown: [] });
});

it('knows a runtime of which nothing but the devices of the privileged is told', () => {
  const text = '[crio.runtime.runtimes.runc]\nprivileged_without_host_devices = false';
  expect(parseConfig(text, 'x')).toEqual({ settings: { runtimes: { runc: 'runc' } }, unknown: [] });
});
