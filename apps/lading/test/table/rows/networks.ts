// SPDX-License-Identifier: Apache-2.0
import type { Line, Row } from '../row.ts';
import { fieldRows, filterRows } from './fields.ts';

/** Networks of its own for each tool: they are told of, no container is on them. */
export const listedNetworks: readonly Line[] = [
  'network create --subnet 10.94.1.0/24 --gateway 10.94.1.7 --label a=b one',
  'network create --subnet 10.94.2.0/24 --internal --label c two',
];

const names = 'network ls --filter name=one --filter name=two --format {{.Name}}';

/** Networks. */
export const networkRows: readonly Row[] = [
  ...fieldRows(
    'network ls --filter name=one --filter name=two',
    [
      'Name',
      'ID',
      'Driver',
      'Labels',
      'NetworkInterface',
      'Internal',
      'IPv6Enabled',
      'DNSEnabled',
      'Created',
      'Options',
      'Nosuch',
    ],
    { ignore: /(cni-podman|lat|lading)\d+/g },
  ),
  ...fieldRows(
    'network inspect',
    [
      'Name',
      'ID',
      'Driver',
      'Labels',
      'Internal',
      'IPv6Enabled',
      'DNSEnabled',
      'Created',
      'Options',
      'IPAMOptions',
      'Nosuch',
    ],
    { of: 'one two' },
  ),
  ...filterRows(names, [
    'driver=bridge',
    'driver=macvlan',
    'label=a',
    'label=a=b',
    'label=c',
    'label=nosuch',
    'label!=a',
    'label!=a=x',
    'id=0123',
    'until=1h',
    'until=2020-01-01',
    'dangling=true',
    'dangling=false',
    'frob=1',
    'name',
  ]),
  {
    name: 'network ls is a table',
    lines: [
      'network ls --filter name=one --filter name=two',

      'network ls -q --filter name=one',
      'network ls --no-trunc --filter name=one',
    ],
  },
  {
    name: 'network inspect of subnets',
    lines: [
      "network inspect --format '{{range .Subnets}}{{.Subnet}} {{.Gateway}}{{end}}' one two",
      "network inspect --format '{{.IPAMOptions.driver}} {{.Internal}} {{len .Subnets}}' one two",
      'network inspect one nosuch',
      'network inspect nosuch',
    ],
    ignored: [2],
  },
  {
    name: 'network inspect has the same names',
    lines: ['!$TOOL network inspect one | grep -o \'"[A-Za-z_]*":\' | sort -u'],
  },
  {
    name: 'network inspect tells of the gateway that nobody named',
    lines: [
      'network create --subnet 10.94.7.128/25 {row}a',
      'network create -d macvlan -o parent=lo --subnet 10.94.8.0/24 {row}b',
      'network create --ipv6 --subnet fd94::/64 --subnet 10.94.9.0/24 {row}c',
      'network create --ipam-driver none {row}d',
      "network inspect --format '{{range .Subnets}}{{.Gateway}} {{end}}{{.Internal}}' {row}a {row}b {row}c {row}d",
      '!$TOOL network inspect {row}d | grep -c subnets',
    ],
    after: ['network rm {row}a {row}b {row}c {row}d'],
  },
  {
    name: 'network rm with a time to stop',
    before: ['network create --subnet 10.94.6.0/24 {row}'],
    lines: ['network rm --time 3 {row}', 'network rm -f -t 3 {row}'],
  },
  { name: 'network exists', lines: ['network exists one', 'network exists nosuch'] },
  {
    name: 'network create refuses a name that is taken',
    lines: ['network create one', 'network create a/b', 'network create host'],
  },
  {
    name: 'network create and rm',
    lines: [
      'network create --subnet 10.94.3.0/24 {row}',
      'network exists {row}',
      'network rm {row}',
      'network rm {row}',
      'network exists {row}',
    ],
  },
  {
    name: 'network create with an address that is none',
    lines: [
      'network create --subnet frob {row}',
      'network create --subnet 10.94.4.0/24 --gateway 10.1.1.1 {row}',
      'network create --gateway 10.94.4.1 {row}',
      'network create --driver nosuch {row}',
      'network create --subnet 10.94.1.0/24 {row}',
    ],
  },
  {
    name: 'network rm of several',
    lines: ['network create --subnet 10.94.5.0/24 {row}', 'network rm nosuch {row}', 'network exists {row}'],
  },
  {
    name: 'network connect of what is not there',
    lines: ['network connect one nosuch', 'network disconnect one nosuch', 'network connect nosuch nosuch'],
  },
  { name: 'inspect of a network by its type', lines: ["inspect --type network --format '{{.Name}}' one"] },
  {
    name: 'network reload',
    before: [
      'run -d --name {row} {image} sleep 1000',
      'create --name {row}c {image}',
      'run -d --name {row}n --network none {image} sleep 1000',
    ],
    lines: [
      '!a=$($TOOL inspect -f {{.NetworkSettings.IPAddress}}/{{.NetworkSettings.MacAddress}} {row}); $TOOL network reload {row}; b=$($TOOL inspect -f {{.NetworkSettings.IPAddress}}/{{.NetworkSettings.MacAddress}} {row}); test "$a" = "$b"; echo $?',
      '!$TOOL exec {row} ip a show eth0 | grep -c "inet 10."',
      'network reload {row}c',
      'network reload {row}n',
      'network reload --all',
      'network reload --all {row}',
      'network reload',
    ],
    after: ['rm -f -t 0 {row} {row}c {row}n'],
  },
  {
    name: 'network create --ipv6',
    lines: [
      'network create --ipv6 {row}',
      ['network', 'inspect', '--format', '{{.IPv6Enabled}} {{len .Subnets}}', '{row}'],
      'network create --ipv6 --subnet 10.95.1.0/24 --subnet fd95::/64 {row}b',
      ['network', 'inspect', '--format', '{{.IPv6Enabled}} {{len .Subnets}}', '{row}b'],
    ],
    after: ['network rm {row} {row}b'],
  },
  {
    name: 'network create --ipam-driver',
    lines: [
      'network create --ipam-driver none {row}a',
      'network create --ipam-driver dhcp {row}b',
      'network create --ipam-driver host-local {row}c',
      'network inspect --format {{.IPAMOptions.driver}},{{len .Subnets}} {row}a {row}b {row}c',
      'network create --ipam-driver frob {row}d',
      'network create --ipam-driver dhcp --subnet 10.95.2.0/24 {row}d',
    ],
    after: ['network rm {row}a {row}b {row}c'],
  },
];
