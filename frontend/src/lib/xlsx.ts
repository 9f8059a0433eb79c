/** Excel workbooks as the server makes them: numbers are numbers, all else is text, never a formula. */
import type { Cell, TableRows } from './tableFile'
import { zipped } from './zip'

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships'
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const TYPES = 'http://schemas.openxmlformats.org/package/2006/content-types'
const KIND = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
const LONGEST_TEXT = 32_767 // what a cell holds

// eslint-disable-next-line no-control-regex -- these are what XML cannot say
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

function escaped(text: string): string {
  return text
    .replaceAll(NOT_IN_XML, '')
    .slice(0, LONGEST_TEXT)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
}

function cell(value: Cell): string {
  if (value === null) return '<c/>'
  if (typeof value === 'number') return `<c><v>${value}</v></c>`
  return `<c t="inlineStr"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`
}

const related = (target: string, kind: string) =>
  `${XML}<Relationships xmlns="${RELATIONS}">` +
  `<Relationship Id="r1" Type="${DOCUMENT}/${kind}" Target="${target}"/></Relationships>`

/** A workbook with one sheet. */
export function toXlsx(rows: TableRows): Blob {
  const lines = rows.map((row) => `<row>${row.map(cell).join('')}</row>`).join('')
  return zipped({
    '[Content_Types].xml':
      `${XML}<Types xmlns="${TYPES}"><Default Extension="xml" ContentType="application/xml"/>` +
      '<Default Extension="rels"' +
      ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
      `<Override PartName="/workbook.xml" ContentType="${KIND}.sheet.main+xml"/>` +
      `<Override PartName="/sheet.xml" ContentType="${KIND}.worksheet+xml"/></Types>`,
    '_rels/.rels': related('workbook.xml', 'officeDocument'),
    'workbook.xml':
      `${XML}<workbook xmlns="${MAIN}" xmlns:r="${DOCUMENT}">` +
      '<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
    '_rels/workbook.xml.rels': related('sheet.xml', 'worksheet'),
    'sheet.xml': `${XML}<worksheet xmlns="${MAIN}"><sheetData>${lines}</sheetData></worksheet>`,
  })
}
