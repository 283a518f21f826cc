// SPDX-License-Identifier: Apache-2.0
import type { Line, Row } from '../row.ts';
import { fieldRows, filterRows } from './fields.ts';
import { podFlagRows, removeGroups } from './pod-flags.ts';

/** A pod without containers, one with a container that runs, and one with a container that was only made. */
export const listedPods: readonly Line[] = [
  'pod create --infra=false --name empty --label a=b',
  'pod create --infra=false --name busy --label a=c',
  "!$TOOL run -d --pod busy --name worker {image} sh -c 'echo said; sleep 1000'",
  'pod create --infra=false --name idle',
  'create --pod idle --name sleeper {image} sleep 1000',
];

const names = 'pod ps --format {{.Name}}';

/** Pods: podman's without an infra container, as it would have to be built. */
export const podRows: readonly Row[] = [
  { name: 'pod ps is a table', lines: ['pod ps', 'pod ls', 'pod list --noheading'] },
  {
    name: 'pod ps -q',
    lines: ['pod ps -q', 'pod ps -q --no-trunc'],
    differs: {
      reason: 'podman 4 has them whole; here they are short, as those of ps -q',
      lines: { 0: { out: /^(<id>-{8}\n){3}$/ } },
    },
  },
  {
    name: 'pod ps with containers',
    lines: ['pod ps --ctr-names', 'pod ps --ctr-status', 'pod ps --ctr-ids'],
  },
  ...fieldRows('pod ps', [
    'Id',
    'ID',
    'Name',
    'Status',
    'Created',
    'NumberOfContainers',
    'ContainerIds',
    'ContainerNames',
    'ContainerStatuses',
    'Labels',
    'Namespace',
    'InfraID',
    'InfraId',
    'Nosuch',
  ]),
  {
    name: 'pod ps --format of containers',
    lines: ["pod ps --format '{{.Name}}:{{range .Containers}} {{.Names}} {{.Status}}{{end}}'"],
  },
  ...filterRows(names, [
    'name=busy',
    'name=^i',
    'name=nosuch',
    'id=0123',
    'label=a',
    'label=a=b',
    'label=nosuch',
    'status=running',
    'status=created',
    'status=exited',
    'status=frob',
    'ctr-names=worker',
    'ctr-names=nosuch',
    'ctr-number=0',
    'ctr-number=1',
    'ctr-number=frob',
    'ctr-status=running',
    'ctr-status=created',
    'ctr-status=frob',
    'network=nosuch',
    'until=1h',
    'until=2020-01-01',
    'frob=1',
    'name',
  ]),
  ...['created', 'name', 'number', 'status', 'frob'].map(
    (order): Row => ({
      name: `pod ps --sort ${order}`,
      lines: [`${names} --sort ${order}`],
      unordered: order === 'number' || order === 'status' ? [0] : [],
    }),
  ),
  ...fieldRows(
    'pod inspect',
    [
      'Name',
      'ID',
      'Id',
      'Created',
      'State',
      'NumContainers',
      'InfraContainerID',
      'CreateInfra',
      'Labels',
      'ExitPolicy',
      'CreateCgroup',
      'InfraConfig',
      'SharedNamespaces',
      'Hostname',
      'CPUQuota',
      'CPUSetCPUs',
      'MemoryLimit',
      'Mounts',
      'Nosuch',
    ],
    { of: 'busy' },
  ),
  {
    name: 'pod inspect of limits, names and namespaces',
    before: [
      'pod create --name {row} --memory 64m --cpus 0.5 --cpu-shares 100 --cpuset-cpus 0 --volume {dir}:/data --dns 9.9.9.9 --dns-search a.b --add-host a:1.2.3.4 -p 28398:80 --pid host --share +pid --exit-policy stop --hostname h --security-opt apparmor=unconfined --security-opt seccomp=unconfined --security-opt no-new-privileges',
    ],
    lines: [
      [
        ...['pod', 'inspect', '--format'],
        '{{.Hostname}} {{.ExitPolicy}} {{.CreateCgroup}} {{len .SharedNamespaces}} {{.CPUPeriod}} {{.CPUQuota}} {{.CPUShares}} {{.CPUSetCPUs}} {{.MemoryLimit}} {{.MemorySwap}} {{range .Mounts}}{{.Source}} {{.Destination}} {{.RW}}{{end}} {{.BlkioWeight}}',
        '{row}',
      ],
      [
        ...['pod', 'inspect', '--format'],
        '{{with .InfraConfig}}{{json .PortBindings}} {{.HostNetwork}} {{.DNSServer}} {{.DNSSearch}} {{.DNSOption}} {{.NoManageHosts}} {{.HostAdd}} {{len .Networks}} {{.PidNS}} {{.UserNS}} {{.UtsNS}}{{end}}',
        '{row}',
      ],
      '!$TOOL pod inspect {row} | grep -oE "[a-z]+_[a-z]+.: [0-9]+"',
      [
        ...['pod', 'inspect', '--format'],
        '{{.SecurityOpts}} {{.Devices}} {{.VolumesFrom}} {{slice .CreateCommand 0 0}} {{.BlkioWeightDevice}}',
        '{row}',
      ],
      '!$TOOL pod inspect {row} | tr -d " \\n" | grep -oE "security_opt.:[^]]*"',
      '!$TOOL pod inspect --format "{{range .CreateCommand}}{{println .}}{{end}}" {row} | grep -A9 -x -e create',
    ],
    after: ['pod rm {row}'],
  },
  {
    name: 'pod inspect of several',
    lines: [
      "pod inspect --format '{{.Name}} {{.State}}' busy empty",
      "pod inspect --format '{{.Name}}' busy nosuch",
      '!$TOOL pod inspect busy | head -1',
      '!$TOOL pod inspect busy empty | head -1',
    ],
  },
  {
    name: 'pod inspect of containers',
    lines: ["pod inspect --format '{{range .Containers}}{{.Name}} {{.State}}{{end}}' busy idle"],
  },
  { name: 'pod exists', lines: ['pod exists busy', 'pod exists nosuch'] },
  {
    name: 'pod logs',
    lines: [
      'pod logs busy',
      'pod logs --tail 0 busy',
      'pod logs -c worker busy',
      'pod logs -c nosuch busy',
      'pod logs empty',
      'pod logs nosuch',
      'pod logs',
    ],
  },
  { name: 'pod top', lines: ['pod top busy pid user comm', 'pod top empty', 'pod top nosuch', 'pod top'] },
  {
    name: 'pod stats',
    lines: [
      "pod stats --no-stream --format 'table {{.Pod}} {{.CID}} {{.Name}} {{.PIDS}}' busy",
      "pod stats --no-stream --format 'table {{.Name}} {{.CPU}} {{.MemUsage}} {{.MemUsageBytes}} {{.NetIO}} {{.BlockIO}} {{.PIDS}}' idle",
      'pod stats --no-stream nosuch',
      'pod stats --all busy',
    ],
  },
  {
    name: 'pod stop and start',
    before: ['pod create --infra=false --name {row}', 'create --pod {row} {image} sleep 1000'],
    lines: [
      'pod start {row}',
      'pod ps --filter name={row} --format {{.Status}}',
      'pod stop -t 0 {row}',
      'pod ps --filter name={row} --format {{.Status}}',
      'pod restart -t 0 {row}',
      'pod kill {row}',
      'pod rm {row}',
      'pod exists {row}',
    ],
    after: ['pod rm -f -t 0 {row}'],
  },
  {
    name: 'pod pause',
    before: ['pod create --infra=false --name {row}', 'run -d --pod {row} {image} sleep 1000'],
    lines: [
      'pod pause {row}',
      'pod ps --filter name={row} --format {{.Status}}',
      'pod unpause {row}',
      'pod ps --filter name={row} --format {{.Status}}',
    ],
    after: ['pod rm -f -t 0 {row}'],
  },
  {
    name: 'pod rm',
    lines: [
      'pod create --infra=false --name {row}',
      'pod rm {row}',
      'pod rm {row}',
      'pod rm -i {row}',
      'pod rm busy',
    ],
  },
  {
    name: 'pod create refuses a name that is taken',
    lines: [
      'pod create --infra=false --cgroup-parent /{row}{tool} --name busy',
      'pod create --infra=false --name a/b',
      'pod create --infra=false --replace',
    ],
    after: [removeGroups],
  },
  {
    name: 'pod create writes its id',
    lines: ['pod create --infra=false --name {row} --pod-id-file {dir}/id', '!wc -c < id', 'pod rm {row}'],
  },
  {
    name: 'pod commands of none',
    lines: [
      'pod start nosuch',
      'pod stop nosuch',
      'pod kill nosuch',
      'pod pause nosuch',
      'pod unpause nosuch',
      'pod restart nosuch',
      'pod rm nosuch',
      'pod stop -i nosuch',
    ],
  },
  {
    name: 'run in a pod that is not there',
    lines: ['run --rm --pod nosuch {image} true', 'create --pod nosuch {image}'],
  },
  ...podFlagRows,
];
