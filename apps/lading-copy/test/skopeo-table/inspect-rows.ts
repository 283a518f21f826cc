// SPDX-License-Identifier: Apache-2.0
import { type Row, rows } from './row.ts';

/** Debian's skopeo 1.9 is from before this member of the summary. */
const newer = {
  why: 'skopeo 1.10 added LayersData',
  stdout: (text: string): string => text.replace(/ {4}"LayersData": \[.*?\n {4}\],\n/s, ''),
};
const later = {
  why: 'later versions of skopeo have the functions of podman in templates',
  code: 0,
  unlike: ['stdout'],
} as const;
const timely = { why: 'the image has the time of the run in it', unlike: ['stdout'] } as const;
const absent = { why: 'exit code 2 for an image that does not exist is of skopeo 1.12', code: 2 };
const summary = (line: string): Row => ({ argv: line.split(' '), differs: newer });
const format = (template: string, ...rest: string[]): Row => ({ argv: ['--format', template, ...rest] });

const local = [
  'dir:dir',
  'oci:oci:name',
  'oci:oci',
  'oci:two:other',
  'oci:list:name',
  'dir:list-dir',
  'docker-archive:one.tar',
  'docker-archive:one.tar:example.com/app:1',
  'docker-archive:several.tar:@1',
  'docker-archive:several.tar:quay.io/b:2',
  'oci-archive:oci.tar',
  'oci-archive:oci.tar:name',
];
const remote = [
  'docker://$R/team/app:1',
  'docker://$R/team/app:2',
  'docker://$R/team/list:1',
  'docker://$R/team/list:2',
];
const images = [...local, ...remote];

export const inspectRows: readonly Row[] = [
  ...rows('inspect --tls-verify=false', [
    ...images.map(summary),
    ...images.map((image) => `--raw ${image}`),
    ...images.map((image) => `--config ${image}`),
    ...images.map((image) => `--config --raw ${image}`),
    ...['', '--raw ', '--config ', '--config --raw '].map(
      (flags): Row => ({ argv: `${flags}tarball:rootfs.tar`.split(' '), differs: timely }),
    ),
    summary('--no-tags docker://$R/team/app:1'),
    summary('-n docker://$R/team/app:2'),
    summary('docker://$R/team/app@$H'),
    summary('--no-creds docker://$R/team/app:1'),
    summary('--creds me:secret docker://$R/team/app:1'),
    summary('--username me --password secret docker://$R/team/app:1'),
    summary('--registry-token token docker://$R/team/app:1'),
    summary('--authfile none.json docker://$R/team/app:1'),
    summary('--cert-dir none docker://$R/team/app:1'),
    summary('--retry-times 1 docker://$R/team/app:1'),
    summary('--shared-blob-dir oci/blobs oci:oci:name'),
    '--raw --shared-blob-dir none oci:oci:name',
    format('{{.Name}} {{.Digest}}', remote[0] ?? ''),
    format('{{.Name}}|{{.Digest}}|{{.RepoTags}}|{{.Created}}|{{.DockerVersion}}', 'dir:dir'),
    format('{{.Labels}} {{.Architecture}} {{.Os}} {{.Layers}} {{.Env}}', 'oci:oci:name'),
    format('{{range .Layers}}{{println .}}{{end}}', 'oci:oci:name'),
    format('{{range $i, $l := .Layers}}{{$i}}={{$l}}\\n{{end}}', 'oci:oci:name'),
    { ...format('{{json .Labels}} {{json .Env}} {{join .Env ","}}', 'oci:oci:name'), differs: later },
    format('{{len .Layers}}{{if eq .Os "linux"}} yes{{else}} no{{end}}', 'oci:oci:name'),
    {
      ...format('{{upper .Os}} {{title .Os}} {{index .Layers 0}} {{index .Labels "seed"}}', 'oci:oci:name'),
      differs: later,
    },
    format('{{printf "%-10s|%5d|%q" .Os (len .Layers) .Architecture}}', 'oci:oci:name'),
    format('{{.Created.Year}} {{.Created.Format "2006-01-02"}}', 'oci:oci:name'),
    format('{{.Digest.Algorithm}}', 'oci:oci:name'),
    format('{{.Digest.Hex}} {{.Digest.Encoded}} {{.Digest.String}} {{.Digest.Validate}}', 'oci:oci:name'),
    format('{{.Nonsense}}', 'oci:oci:name'),
    format('{{.Name', 'oci:oci:name'),
    format('{{nonsense}}', 'oci:oci:name'),
    {
      ...format('table {{.Name}} {{.Os}}', 'docker://$R/team/app:1'),
      differs: { why: 'skopeo 1.9 prints nothing for a table', unlike: ['stdout'] },
    },
    { ...format('{{range .}}{{.Os}}{{end}}', 'oci:oci:name'), differs: later },
    { ...format('json', 'oci:oci:name'), differs: newer },
    { ...format('{{json .}}', 'oci:oci:name'), differs: newer },
    ...[
      '{{.Os}}',
      '{{.OS}}/{{.Architecture}} {{.Config.Cmd}} {{.RootFS.DiffIDs}}',
      '{{.Config.Labels}}',
      '{{.Created}}',
      '{{.Author}}{{.Config.WorkingDir}}',
      '{{range .History}}{{.CreatedBy}} {{.EmptyLayer}} {{.Created}}\\n{{end}}',
      '{{json .Config}}',
      '{{json .RootFS}}',
      'json',
    ].map(
      (template): Row => ({
        argv: ['--config', '--format', template, 'oci:oci:name'],
        ...(template.startsWith('{{json') ? { differs: later } : {}),
      }),
    ),
    { argv: ['--raw', '--format', '{{.Digest}}', 'oci:oci:name'] },
    { argv: ['--raw', '--config', '--format', '{{.OS}}', 'oci:oci:name'] },
    { argv: ['docker://$R/team/none:1'], differs: absent },
    { argv: ['docker://$R/none/none:1'], differs: absent },
    {
      argv: ['docker://$R/team/app@sha256:0000000000000000000000000000000000000000000000000000000000000000'],
      differs: absent,
    },
    {
      argv: ['--no-tags', 'docker://$R/team/app:1@$H'],
      differs: { why: 'we take a tag beside the digest, which counts', code: 0, unlike: ['stdout'] },
    },
    'docker://$R/Upper/Case:1',
    'docker:$R/team/app:1',
    'oci:none:name',
    'oci:two',
    { argv: ['oci:two:none'], differs: absent },
    { argv: ['dir:none'], differs: absent },
    'dir:',
    'docker-archive:none.tar',
    'docker-archive:several.tar',
    'docker-archive:several.tar:@9',
    'oci-archive:one.tar',
    'oci-archive:none.tar',
    'tarball:none.tar',
    'nonsense:x',
    'nonsense',
    '',
    'dir:dir dir:dir',
    '--creds me:secret --no-creds docker://$R/team/app:1',
    '--username me --no-creds docker://$R/team/app:1',
    '--username me docker://$R/team/app:1',
    '--password secret docker://$R/team/app:1',
    '--creds me:secret --username me --password secret docker://$R/team/app:1',
    '--creds :secret docker://$R/team/app:1',
    { argv: ['--creds', '', 'docker://$R/team/app:1'] },
    '--retry-times x docker://$R/team/app:1',
    '--nonsense docker://$R/team/app:1',
    '--daemon-host unix:///none docker-daemon:a:1',
  ]),
  ...rows('', [
    'inspect docker://$R/team/app:1',
    'inspect --tls-verify docker://$R/team/app:1',
    ...['arm64', 'arm', 'amd64', 's390x'].map(
      (arch) => `--override-arch ${arch} inspect --config --raw oci:list:name`,
    ),
    '--override-arch arm --override-variant v7 inspect --config --raw oci:list:name',
    '--override-arch arm --override-variant v6 inspect --config --raw oci:list:name',
    '--override-arch arm64 --override-variant v8 inspect --config --raw dir:list-dir',
    '--override-os windows inspect --config oci:list:name',
    '--command-timeout 1m inspect --raw oci:oci:name',
    '--command-timeout x inspect --raw oci:oci:name',
    '--command-timeout 1ns inspect --tls-verify=false docker://$R/team/app:1',
    'inspect --override-arch arm64 --raw oci:oci:name',
    '--debug=false inspect --raw oci:oci:name',
    '--tmpdir . inspect --raw oci-archive:oci.tar',
    '--registries.d none inspect --raw oci:oci:name',
    '--policy none.json inspect --raw oci:oci:name',
    '--insecure-policy inspect --raw oci:oci:name',
    '--tls-verify=false inspect --raw docker://$R/team/app:1',
  ]),
];
