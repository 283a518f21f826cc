// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { renderReport } from './report.ts';
import { renderTemplate } from './template.ts';

const value = {
  ID: '4f2',
  Names: ['a', 'b'],
  Empty: [],
  Labels: new Map([
    ['b', '2'],
    ['a', '1'],
  ]),
  N: 3,
  F: 1.5,
  T: true,
  Z: null,
  S: { A: 'x', B: { C: 1 } },
  When: new Date(0),
  Greet: (name: unknown) => `hi ${String(name)}`,
};

describe('renderTemplate prints what Go prints', () => {
  const cases: [string, string][] = [
    ['plain', 'plain'],
    ['{{.ID}}', '4f2'],
    ['{{ .S.B.C }}', '1'],
    [
      '{{.Names}} {{.Labels}} {{.S}} {{.Z}} {{.N}} {{.F}} {{.T}}',
      '[a b] map[a:1 b:2] {x {1}} <nil> 3 1.5 true',
    ],
    ['{{.When}}', '1970-01-01 00:00:00 +0000 UTC'],
    ['{{.Labels.a}} {{.Labels.zz}} {{index .Labels "zz"}}', '1 <no value> '],
    ['{{range .Names}}[{{.}}]{{else}}none{{end}}', '[a][b]'],
    ['{{range .Empty}}x{{else}}none{{end}}', 'none'],
    ['{{range $i, $e := .Names}}{{$i}}={{$e}},{{end}}', '0=a,1=b,'],
    ['{{range $e := .Names}}{{$e}}{{$.ID}} {{end}}', 'a4f2 b4f2 '],
    ['{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}', 'a=1 b=2 '],
    ['{{range .Names}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}', 'a'],
    ['{{range .Names}}{{if eq . "a"}}{{continue}}{{end}}{{.}}{{end}}', 'b'],
    ['{{if and .T (gt .N 2)}}yes{{else if .Z}}mid{{else}}no{{end}}', 'yes'],
    ['{{if .Z}}yes{{else if .T}}mid{{else}}no{{end}}', 'mid'],
    ['{{if or .Z .Empty}}yes{{else}}no{{end}}', 'no'],
    ['{{with .S}}{{.A}}{{$.ID}}{{else}}x{{end}}', 'x4f2'],
    ['{{with .Z}}x{{else}}nothing{{end}}', 'nothing'],
    ['a {{- /* c */ -}} b {{/* d */}}c', 'ab c'],
    [' {{- .ID -}}  x', '4f2x'],
    ['{{.ID | printf "%s-%s" "x" | upper}}', 'X-4F2'],
    ['{{(index .Names 1)}}{{(.S).A}}', 'bx'],
    ['{{$x := .S.A}}{{$x}}{{$x = "z"}}{{$x}}', 'xz'],
    ['{{json .S}} {{json .Labels}} {{json .Z}}', '{"A":"x","B":{"C":1}} {"a":"1","b":"2"} null'],
    ['{{len .Names}} {{len .ID}} {{len .Labels}} {{slice .ID 1 2}}', '2 3 2 f'],
    [
      '{{join .Names ","}} {{split "a,b" ","}} {{title "foo bar"}} {{upper "a"}}{{lower "B"}}',
      'a,b [a b] Foo Bar Ab',
    ],
    [
      '{{eq .N 1 3}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{ge "b" "a"}} {{not true}} {{or "" "d"}}',
      'true true true true true false d',
    ],
    ['{{println 1 2 "x"}}{{print 1 2 "x" 3 4}}', '1 2 x\n1 2x3 4'],
    [
      '{{printf "%s|%5d|%-5s|%q|%v|%05.2f|%x %d" "a" 3 "ab" "q\\"" 1.5 1.5 255 "x"}}',
      'a|    3|ab   |"q\\""|1.5|01.50|ff %!d(string=x)',
    ],
    ['{{printf "%-10s|%+v|%t|%%|%c|%T" "a" .S true 65 1}}', 'a         |{A:x B:{C:1}}|true|%|A|int'],
    ['{{printf "%s" }}{{printf "x" 1}}', '%!s(MISSING)x%!(EXTRA int=1)'],
    ['{{.Greet "you"}}', 'hi you'],
    ['{{`raw`}} {{\'a\'}} {{"t\\tb\\u00e9"}}', 'raw 97 t\tbé'],
    ['{{"}}"}}', '}}'],
    ['{{pad "x" 1 2}}|{{truncate "hello" 3}}', ' x  |hel'],
  ];
  it.each(cases)('%s', (text, expected) => {
    expect(renderTemplate(text, value)).toBe(expected);
  });

  it('calls functions of the caller', () => {
    expect(renderTemplate('{{twice .N}}', value, { functions: { twice: (n) => Number(n) * 2 } })).toBe('6');
  });
});

describe('renderTemplate refuses with the words of Go', () => {
  const cases: [string, string][] = [
    ['{{', ':1: unclosed action'],
    ['{{.ID', ':1: unclosed action'],
    ['a\n{{end}}', ':2: unexpected {{end}}'],
    ['{{if}}x{{end}}', ':1: missing value for if'],
    ['{{if .T}}x', ':1: unexpected EOF'],
    ['{{foo}}', ':1: function "foo" not defined'],
    ['{{constructor}}', ':1: function "constructor" not defined'],
    ['{{$y}}', ':1: undefined variable "$y"'],
    ['{{break}}', ':1: {{break}} outside {{range}}'],
    ['{{/* x', ':1: unclosed comment'],
    ['{{"x}}', ':1: unterminated quoted string'],
    ['{{(.ID}}', ':1: unclosed left paren'],
    ['{{template "x"}}', ':1:11: executing "t" at <{{template "x"}}>: template "x" not defined'],
    [
      '{{.Foo}}',
      ':1:2: executing "t" at <.Foo>: can\'t evaluate field Foo in type struct: there are ID, Names, Empty, Labels, N, F, T, Z, S, When, Greet',
    ],
    ['x\n {{.S.Q}}', ':2:3: executing "t" at <.S.Q>: can\'t evaluate field Q in type struct: there are A, B'],
    ['{{1 2}}', ':1:2: executing "t" at <1>: can\'t give argument to non-function 1'],
    ['{{.ID 3}}', ':1:2: executing "t" at <.ID>: ID is not a method but has arguments'],
    ['{{nil}}', ':1: nil is not a command'],
    [
      '{{lt 1 "a"}}',
      ':1:2: executing "t" at <lt 1 "a">: error calling lt: incompatible types for comparison',
    ],
    [
      '{{index "abc" 7}}',
      ':1:2: executing "t" at <index "abc" 7>: error calling index: index out of range: 7',
    ],
    [
      '{{index .Names -1}}',
      ':1:2: executing "t" at <index .Names -1>: error calling index: index out of range: -1',
    ],
    ['{{range .S}}{{end}}', ':1:8: executing "t" at <.S>: range can\'t iterate over {x {1}}'],
    ['{{len 3}}', ':1:2: executing "t" at <len 3>: error calling len: len of type int'],
    ['{{not}}', ':1:2: executing "t" at <not>: wrong number of args for not: want 1 got 0'],
    ['{{.Z.X}}', ':1:2: executing "t" at <.Z.X>: nil pointer evaluating interface {}.X'],
  ];
  it.each(cases)('%s', (text, problem) => {
    expect(() => renderTemplate(text, value, { name: 't' })).toThrow(
      expect.objectContaining({ message: `template: t${problem}`, code: 'invalid_argument' }),
    );
  });
});

describe('a hostile template', () => {
  it.each([
    '{{.constructor}}',
    '{{.__proto__}}',
    '{{.Names.length}}',
    '{{.Names.map}}',
    '{{.Labels.size.x}}',
    '{{.ID.length}}',
    '{{.When.getTime}}',
    '{{.Greet.call}}',
  ])('reaches no property that is not data: %s', (text) => {
    expect(() => renderTemplate(text, value)).toThrow(/can't evaluate|nil pointer|wrong number of args/);
  });

  it('cannot nest without end', () => {
    expect(() => renderTemplate(`${'{{if .T}}'.repeat(5000)}x${'{{end}}'.repeat(5000)}`, value)).toThrow(
      'too deeply',
    );
    expect(() => renderTemplate(`{{${'('.repeat(5000)}1${')'.repeat(5000)}}}`, value)).toThrow('too deeply');
  });

  it('cannot run without end', () => {
    const list = Array.from({ length: 100 }, (_, index) => index);
    const text = `${'{{range $}}'.repeat(10)}x${'{{end}}'.repeat(10)}`;
    expect(() => renderTemplate(text, list)).toThrow(expect.objectContaining({ code: 'resource_exhausted' }));
  });

  it('cannot ask printf for more memory than there is', () => {
    expect(() => renderTemplate('{{printf "%999999999d" 1}}', value)).toThrow('too large');
  });

  it('prints a value that contains itself as an error', () => {
    const loop: { Self?: unknown } = {};
    loop.Self = loop;
    expect(() => renderTemplate('{{.}}', loop)).toThrow('nested too deeply');
  });
});

describe('renderReport', () => {
  const rows = [
    { ID: 'f7e8b24425e6', Repository: 'localhost/demo', Size: '2 MB' },
    { ID: '0', Repository: 'x', Size: '1 MB' },
  ];
  const headers = { ID: 'IMAGE ID', Repository: 'REPOSITORY', Size: 'SIZE' };
  const cases: [string, string][] = [
    ['{{.ID}} {{.Size}}', 'f7e8b24425e6 2 MB\n0 1 MB\n'],
    ['{{.ID}}\\t{{.Size}}', 'f7e8b24425e6\t2 MB\n0\t1 MB\n'],
    [
      'table {{.ID}} {{.Repository}}',
      'IMAGE ID      REPOSITORY\nf7e8b24425e6  localhost/demo\n0             x\n',
    ],
    ['table {{.ID}}\\t{{ .Size }}', 'IMAGE ID      SIZE\nf7e8b24425e6  2 MB\n0             1 MB\n'],
    [
      'table {{upper .ID}} {{len .Repository}}',
      'IMAGE ID      REPOSITORY\nF7E8B24425E6  14\n0             1\n',
    ],
    ['{{range .}}{{.ID}},{{end}}', 'f7e8b24425e6,0,\n'],
    ['{{json .}}', `${JSON.stringify(rows, undefined, 4)}\n`],
    ['json', `${JSON.stringify(rows, undefined, 4)}\n`],
  ];
  it.each(cases)('renders %s', (format, expected) => {
    expect(renderReport(format, rows, { headers })).toBe(expected);
  });

  it('leaves the titles out when asked to', () => {
    expect(renderReport('table {{.Size}}', rows, { headers, noHeading: true })).toBe('2 MB\n1 MB\n');
  });
});
