/* The chart of the static page: the same bars, lines and hatched running month as the first screen. */
const { pathname } = location
const chart = echarts.init(document.getElementById('trend'))

function line(name, key, rows, grid, dashed) {
  return {
    type: 'line',
    name,
    xAxisIndex: grid,
    yAxisIndex: grid,
    symbol: 'circle',
    symbolSize: 6,
    lineStyle: { width: 2, type: dashed ? 'dashed' : 'solid' },
    data: rows.map((row) => row[key]),
  }
}

function draw({ revenueTrend, running }) {
  const rows = running === null ? revenueTrend : [...revenueTrend, running]
  const bars = rows.map((row) => row.recognized)
  if (running !== null) {
    bars[bars.length - 1] = {
      value: running.recognized,
      itemStyle: { decal: { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2.5, 3.5], rotation: -0.78 } },
    }
  }
  const category = { type: 'category', data: rows.map((row) => row.period) }
  chart.setOption(
    {
      animation: false,
      tooltip: { trigger: 'axis' },
      grid: [
        { left: 60, right: 8, top: 12, height: '55%' },
        { left: 60, right: 8, top: '68%', bottom: 28 },
      ],
      xAxis: [
        { ...category, gridIndex: 0, axisLabel: { show: false } },
        { ...category, gridIndex: 1 },
      ],
      yAxis: [{ gridIndex: 0 }, { gridIndex: 1, splitNumber: 2 }],
      series: [
        { type: 'bar', name: 'Recognized', barWidth: '56%', data: bars },
        line('Booked', 'booked', rows, 0, false),
        line('Backlog', 'backlog', rows, 1, true),
      ],
    },
    { notMerge: true },
  )
}

draw(JSON.parse(document.getElementById('data').textContent))

/* The other granularity is fetched when idle, as the first screen does. */
let quarters = null
requestIdleCallback(async () => {
  quarters = await (await fetch(`${pathname}/quarter`)).json()
})
document.querySelector('button').addEventListener('click', () => {
  const cards = document.querySelectorAll('.cards section')
  quarters.cards.forEach(({ value, change }, index) => {
    cards[index].querySelector('b').textContent = value
    cards[index].querySelector('span').textContent = change
  })
  draw(quarters)
})
