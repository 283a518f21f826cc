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
    unknown: ['crio.log_dir', 'crio.runtime.runtimes.crun.runtime_type'],
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
    'x.conf: crio.network.plugin_dirs must be a list of strings',
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
    settings: { runtimes: { crun: 'crun', runsc: 'runsc', youki: 'youki', runc: '/usr/sbin/runc' } },
    unknown: ['crio.runtime.runtimes.crun.runtime_type', 'crio.runtime.runtimes.runc.runtime_root'],
  });
});
