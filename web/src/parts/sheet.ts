// SPDX-License-Identifier: Apache-2.0
// A spreadsheet of what a list shows; loaded only when somebody asks for one.
import write from 'write-excel-file/browser'

export interface SheetColumn {
  title: string
  figure: boolean
  money: boolean
}

export async function sheet(title: string, columns: readonly SheetColumn[], rows: readonly (readonly (string | number | null | undefined)[])[]): Promise<Blob> {
  const head = columns.map((c) => ({ value: c.title, fontWeight: 'bold' as const, align: c.figure ? ('right' as const) : ('left' as const) }))
  const body = rows.map((row) =>
    row.map((value, i) => {
      const column = columns[i]!
      if (value === null || value === undefined || value === '') return null
      const figure = Number(value)
      // Beyond 15 digits a spreadsheet's numbers lose figures: such amounts stay text.
      if (column.figure && Number.isFinite(figure) && String(value).replace(/\D/g, '').length <= 15) return { value: figure, type: Number, format: column.money ? '#,##0.00' : '#,##0' }
      return { value: String(value), type: String }
    }),
  )
  const widths = columns.map((c, i) => ({ width: Math.min(40, Math.max(c.title.length * 2, ...rows.slice(0, 200).map((row) => String(row[i] ?? '').length)) + 2) }))
  return write([head, ...body], { columns: widths, sheet: title.replace(/[\\/?*[\]:]/g, " ").slice(0, 31), stickyRowsCount: 1 }).toBlob()
}
