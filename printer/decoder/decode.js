// Reads ESC/POS streams with npos, an implementation that knows nothing of ours,
// and says what stands on the paper:
//
//   NODE_PATH=.../node_modules node decode.js FILE:DOTS...
//
// prints one JSON object per file, one a line:
//
//   {"cuts": [0, 2, 4, ...],      where npos cuts the stream into commands and text
//    "papers": [{"lines": [...],  what can be typed off each piece of paper
//                "qr": [...],     payloads of native QR codes
//                "pictures": [["#..#", ...], ...]}]}   dots of each raster band
//
// What npos does: it finds the commands, their names and lengths, and turns raster
// data into pixels. iconv-lite, which npos uses too, turns bytes into characters.
//
// What is added to npos: one rule, that GS ( k carries its length in two bytes as
// all GS ( commands do. FS &, FS C, FS ! and FS 2 and GS v 0 it knows.
//
// What stands below: what the commands mean for a line of text, that is alignment,
// size, line ends and which codes are user-defined characters (printed as 〓). Not
// read: bold, line spacing, module size and error level of QR codes, the dots of
// user-defined characters. Anything else is an error.
'use strict';

const fs = require('fs');
const iconv = require('iconv-lite');
const npos = require('npos');

const GS = npos.symbols.GS;
const rules = { ...npos.rules, [GS]: { ...npos.rules[GS], '(k': [0, 'd16'] } };

const cellDots = 12;

class Paper {
  constructor(dots) {
    this.dots = dots;
    this.papers = [];
    this.reset();
    this.begin();
  }

  begin() {
    this.lines = [];
    this.qr = [];
    this.pictures = [];
    this.line = [];
    this.afterPicture = false;
  }

  reset() {
    this.align = 0;
    this.utf8 = false;
    this.chinese = false;
    this.ascii = 1; // how many times wider than normal
    this.han = 1;
    this.payload = '';
    this.defined = new Set(); // codes of user-defined characters
  }

  text(bytes) {
    for (let start = 0; start < bytes.length; ) {
      const lf = bytes.indexOf(0x0a, start);
      const end = lf < 0 ? bytes.length : lf;
      this.characters(bytes.subarray(start, end));
      if (lf >= 0) this.newLine();
      start = end + 1;
    }
  }

  characters(bytes) {
    for (let i = 0, n; i < bytes.length; i += n) {
      n = bytes[i] < 0x80 ? 1 : this.utf8 ? 2 + (bytes[i] >= 0xe0) + (bytes[i] >= 0xf0) : 2;
      const char = this.character(bytes.subarray(i, i + n));
      this.line.push({ char, cells: n === 1 ? this.ascii : 2 * this.han });
    }
  }

  character(bytes) {
    if (!this.utf8 && this.defined.has(bytes.toString('hex'))) return '〓';
    const encoding = this.utf8 ? 'utf8' : this.chinese ? 'gbk' : 'ascii';
    const char = iconv.decode(bytes, encoding);
    if ([...char].length !== 1 || char < ' ' || char === '\x7f' || char === '\ufffd') {
      throw new Error(`text ${bytes.toString('hex')} is not ${encoding}`);
    }
    return char;
  }

  newLine() {
    const width = this.line.reduce((sum, c) => sum + c.cells * cellDots, 0);
    if (width > this.dots) throw new Error(`a line of ${width} dots`);
    const left = Math.floor(((this.dots - width) * this.align) / 2 / cellDots);
    const text = ' '.repeat(left) + this.line.map((c) => c.char).join('');
    // The line end after a picture only ends the picture's line.
    if (!this.afterPicture || this.line.length > 0) this.lines.push(text.trimEnd());
    this.line = [];
    this.afterPicture = false;
  }

  picture(bitmap) {
    const rows = [];
    for (let y = 0; y < bitmap.height; y++) {
      let row = '';
      for (let x = 0; x < bitmap.width; x++) row += bitmap.getPixel(x, y) === 0 ? '#' : '.';
      rows.push(row);
    }
    this.pictures.push(rows);
    this.lines.push(`[picture ${bitmap.width}x${bitmap.height}]`);
    this.afterPicture = true;
  }

  qrFunction(args) {
    const data = args.subarray(4).toString('latin1'); // after length, symbology and function
    switch (String.fromCharCode(args[2], args[3])) {
      case '1P':
        this.payload = data.slice(1);
        break;
      case '1Q':
        this.qr.push(this.payload);
        this.lines.push(`[QR ${this.payload}]`);
        this.afterPicture = true;
        break;
      case '1A':
      case '1C':
      case '1E':
        break;
      default:
        throw new Error(`GS ( k ${args.toString('hex')}`);
    }
  }

  cut() {
    const { lines, qr, pictures } = this;
    this.papers.push({ lines, qr, pictures });
    this.begin();
  }
}

// obey does what one node of npos's tree says.
function obey(paper, node, raw) {
  const args = raw.subarray(node.offset + 1 + (node.fn || '').length, node.offset + node.length);
  switch (`${node.ascii} ${node.fn}`) {
    case 'STX ':
      return paper.text(raw.subarray(node.offset, node.offset + node.length));
    case 'ESC @':
      return paper.reset();
    case 'ESC a':
      return void (paper.align = args[0]);
    case 'FS &':
      return void (paper.chinese = true);
    case 'FS C':
      return void (paper.utf8 = args[0] === 0xff);
    case 'FS 2':
      return void paper.defined.add(args.subarray(0, 2).toString('hex'));
    case 'GS !':
      paper.ascii = 1 + (args[0] >> 4);
      return void (paper.han = paper.ascii);
    case 'FS !':
      return void (paper.han = args[0] & 0x04 ? 2 : 1);
    case 'GS (k':
      return paper.qrFunction(args);
    case 'GS v0':
      return paper.picture(npos.codecs.raster.decode(raw, [{ offset: node.offset }]));
    case 'GS V':
      return paper.cut();
    case 'ESC 3':
    case 'ESC E':
    case 'ESC p':
      return;
    default:
      throw new Error(`byte ${node.offset}: ${node.ascii} ${node.fn} is not expected`);
  }
}

function decode(file, dots) {
  const raw = fs.readFileSync(file);
  const { error, tree } = npos.parser(rules).analyze(raw);
  if (error) throw error;
  const paper = new Paper(dots);
  const cuts = [];
  for (const node of tree) {
    cuts.push(node.offset);
    obey(paper, node, raw);
  }
  if (paper.lines.length > 0 || paper.line.length > 0) paper.cut();
  return { cuts, papers: paper.papers };
}

for (const argument of process.argv.slice(2)) {
  const [, file, dots] = argument.match(/^(.*):(\d+)$/);
  console.log(JSON.stringify(decode(file, Number(dots))));
}
