import { Button, Checkbox, ColorInput, Group, Modal, SegmentedControl, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { ReasonText } from '~/kit/parts'
import { useLocale } from '~/kit/useLocale'
import { type Cast, choicesOf, type Occurrence, WEEKDAYS } from './schedule'
import { keyOf } from './station'

const MONDAY = Date.UTC(2024, 0, 1) // a Monday, for the names of the days only
const SUBJECT = { playlist: 'playlist', radioshow: 'playlist', rotation: 'rotation', relay: 'dj' } as const
const CASTS = Object.keys(SUBJECT) as Cast[]

export type Draft = Partial<Occurrence> & { start_time: string }

interface Props {
  pk: number
  draft: Draft
  onClose: () => void
  onDone: () => void
}

function firstOf(draft: Draft) {
  return {
    name: draft.name ?? '',
    cast_type: draft.cast_type ?? 'playlist',
    periodicity: draft.periodicity ?? 'periodic',
    subject: String(draft[SUBJECT[draft.cast_type ?? 'playlist']] ?? ''),
    start_date: draft.start_date ?? '',
    start_time: draft.start_time.slice(0, 5),
    finish_time: draft.finish_time?.slice(0, 5) ?? '',
    break_track: draft.break_track ?? true,
    color: draft.color ?? '',
    days: WEEKDAYS.filter((day) => draft[`wd_${day}`]) as string[],
  }
}

/** What is on at a time: new, or one that is there. */
export function EventDialog({ pk, draft, onClose, onDone }: Props) {
  const { t } = useTranslation()
  const locale = useLocale()
  const form = useForm({ initialValues: firstOf(draft) })
  const { values } = form
  const choices = useQuery({ queryKey: keyOf(pk, 'choices'), queryFn: () => choicesOf(pk) })
  const subject = SUBJECT[values.cast_type]
  const body = () => ({
    server: pk,
    name: values.name || choices.data?.[subject].find((one) => one.value === values.subject)?.label || '',
    cast_type: values.cast_type,
    periodicity: values.periodicity,
    [subject]: values.subject ? Number(values.subject) : null,
    start_date: values.periodicity === 'onetime' ? values.start_date : '',
    start_time: `${values.start_time}:00`,
    finish_time: values.cast_type === 'radioshow' && values.finish_time ? `${values.finish_time}:00` : '',
    break_track: values.break_track,
    ...(values.color && { color: values.color }),
    ...Object.fromEntries(WEEKDAYS.map((day) => [`wd_${day}`, values.days.includes(day)])),
    ...(draft.id ? {} : { week_1: true, week_2: true, week_3: true, week_4: true }),
  })
  const save = useMutation({
    mutationFn: () =>
      draft.id
        ? must(api.PUT('/radio/api/v2/grid/{pk}/', { params: { path: { pk: draft.id } }, body: body() }))
        : must(api.POST('/radio/api/v2/grid/', { body: body() })),
    onSuccess: onDone,
  })
  const remove = useMutation({
    mutationFn: () => must(api.DELETE('/radio/api/v2/grid/{pk}/', { params: { path: { pk: draft.id ?? 0 } } })),
    onSuccess: onDone,
  })
  const nameOf = (index: number) =>
    new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(MONDAY + index * 86_400_000)
  const failed = save.error ?? remove.error
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(draft.id ? 'radio.event.edit' : 'radio.event.add')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form onSubmit={form.onSubmit(() => save.mutate())}>
        <Stack>
          <Select
            label={t('radio.event.kind')}
            data={CASTS.map((one) => ({ value: one, label: t(`radio.cast.${one}`) }))}
            allowDeselect={false}
            {...form.getInputProps('cast_type')}
            onChange={(value) => form.setValues({ cast_type: value as Cast, subject: '' })}
          />
          <Select
            label={t(`radio.event.${subject}`)}
            data={choices.data ? [...choices.data[subject]] : []}
            nothingFoundMessage={t('radio.event.nothing')}
            searchable
            required
            {...form.getInputProps('subject')}
          />
          <TextInput label={t('common.name')} placeholder={t('radio.event.nameless')} {...form.getInputProps('name')} />
          <SegmentedControl
            aria-label={t('radio.event.when')}
            data={(['periodic', 'onetime'] as const).map((one) => ({ value: one, label: t(`radio.event.${one}`) }))}
            {...form.getInputProps('periodicity')}
          />
          {values.periodicity === 'onetime' ? (
            <TextInput type="date" label={t('radio.event.date')} required {...form.getInputProps('start_date')} />
          ) : (
            <Checkbox.Group label={t('radio.event.days')} {...form.getInputProps('days')}>
              <Group gap="sm" mt={4}>
                {WEEKDAYS.map((day, index) => (
                  <Checkbox key={day} value={day} label={nameOf(index)} />
                ))}
              </Group>
            </Checkbox.Group>
          )}
          <Group grow align="flex-start">
            <TextInput type="time" label={t('radio.event.from')} required {...form.getInputProps('start_time')} />
            {values.cast_type === 'radioshow' && (
              <TextInput type="time" label={t('radio.event.to')} {...form.getInputProps('finish_time')} />
            )}
            <ColorInput label={t('radio.event.color')} format="hex" {...form.getInputProps('color')} />
          </Group>
          <Checkbox label={t('radio.event.break')} {...form.getInputProps('break_track', { type: 'checkbox' })} />
          {failed && <ReasonText error={failed} />}
          <Group justify="space-between">
            {draft.id ? (
              <Button variant="subtle" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
                {t('radio.delete')}
              </Button>
            ) : (
              <span />
            )}
            <Group>
              <Button variant="subtle" color="gray" onClick={onClose}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" loading={save.isPending}>
                {t('common.save')}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
