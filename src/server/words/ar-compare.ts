/** Arabic, about two captures beside each other. */
import type { enCompare } from './en-compare.ts';

const numbers = new Intl.NumberFormat('ar');

export const arCompare: typeof enCompare = {
  title: 'مقارنة',
  choose: 'قارن لقطتين أخريين لهذا المصدر',
  compare: 'قارن',
  before: 'قبل',
  after: 'بعد',
  changed: 'تغيّر',
  unchanged: 'لم يتغيّر',
  nothingChanged: 'لم يتغيّر شيء مما يُقارن هنا.',
  noneChanged: 'لم يتغيّر أيٌّ من هذه.',
  nothingSame: 'لم يبق شيء على حاله.',
  elapsed: (time: string) => `بينهما ${time}`,
  facts: 'المعلوم',
  what: 'ماذا',
  views: { page: 'الصفحة نفسها', embed: 'كما يُضمَّن', site: 'في الموقع' },
  names: {
    state: 'حالة اللقطة',
    'author-name': 'اسم صاحبه',
    'author-handle': 'معرّف صاحبه',
    'claimed-at': 'نُشر بحسب السجل',
    title: 'العنوان',
    address: 'العنوان الأخير على الشبكة',
    status: 'رد الخادم',
  },
  words: 'الكلمات',
  texts: {
    post: 'نص المنشور',
    page: 'النص الظاهر',
    ocr: 'مقروء في صورة',
    transcript: 'مسموع في تسجيل',
    document: 'نص مستند',
  },
  sameTexts: (same: number, all: number) =>
    same === all
      ? 'الكلمات نفسها في كل المواضع حرفًا بحرف.'
      : `مواضع بقيت كلماتها على حالها: ${numbers.format(same)} من ${numbers.format(all)}.`,
  noWords: 'لا كلمات في أي منهما.',
  onlyBefore: 'قبل فقط:',
  onlyAfter: 'بعد فقط:',
  tooDifferent: 'النصان مختلفان إلى حد لا يسمح بعرضهما كلمة بكلمة.',
  cut: 'تُقارن هنا أول 20,000 حرف فقط.',
  pictures: 'الصور',
  noPictures: 'لا صورة محفوظة في كليهما.',
  media: 'الملفات الأصلية',
  noMedia: 'لا ملفات أصلية في أي منهما.',
  kept: 'في كليهما',
  lost: 'قبل فقط',
  added: 'بعد فقط',
  records: 'سجل المنصة',
  fields: (changed: number, same: number) =>
    `حقول تغيّرت: ${numbers.format(changed)}، وبقيت على حالها: ${numbers.format(same)}`,
  moreFields: 'تُعرض أول 100 فقط.',
  field: 'الحقل',
  absent: 'غير موجود',
  unread: {
    missing: 'موجود في إحدى اللقطتين فقط.',
    'too-large': 'أكبر من أن تُقارن حقوله.',
    'not-json': 'ليس JSON، فلا تُقارن حقوله.',
  },
  differs: 'الملفان مختلفان.',
  slider: 'مقدار ما يظهر من الصورة الأقدم',
  apart: 'جنبًا إلى جنب',
  over: 'إحداهما فوق الأخرى',
};
