/** Everyday words, by language, of which the recorded search documents hold no form. */
export const absentWords: Record<string, string> = {
  en: 'airport river weapon border minister election school market winter doctor prison letter station village',
  fr: 'aéroport rivière frontière ministre école marché hiver médecin prison lettre gare village enfant maison',
  de: 'Flughafen Fluss Grenze Minister Schule Markt Winter Arzt Gefängnis Brief Bahnhof Dorf Kind Soldat',
  es: 'aeropuerto río frontera ministro escuela mercado invierno médico cárcel carta estación pueblo soldado casa',
  tr: 'havaalanı nehir sınır bakan okul pazar kış doktor hapishane mektup istasyon köy çocuk asker',
  ru: 'аэропорт река граница министр школа рынок зима врач тюрьма письмо вокзал солдат ребёнок дом',
  uk: 'аеропорт річка кордон міністр школа ринок зима лікар в’язниця лист вокзал солдат дитина будинок',
  ar: 'مطار نهر حدود وزير مدرسة سوق شتاء طبيب سجن رسالة محطة قرية طفل جندي',
  fa: 'فرودگاه رودخانه مرز وزیر مدرسه بازار زمستان پزشک زندان نامه ایستگاه روستا کودک سرباز',
  ur: 'ہوائی دریا سرحد وزیر مدرسہ بازار سردی ڈاکٹر جیل خط اسٹیشن گاؤں بچہ فوجی',
  he: 'נמל נהר גבול שר בית־ספר שוק חורף רופא כלא מכתב תחנה כפר ילד חייל',
  hi: 'हवाई नदी सीमा मंत्री विद्यालय बाज़ार सर्दी डॉक्टर जेल चिट्ठी स्टेशन बच्चा सैनिक घर',
  ja: '空港 川 国境 大臣 学校 市場 冬 医者 刑務所 手紙 駅 村 子供 兵士',
  zh: '机场 河流 边境 部长 学校 市场 冬天 医生 监狱 信件 车站 村庄 孩子 士兵',
  ko: '공항 강물 국경 장관 학교 시장 겨울 의사 감옥 편지 기차역 마을 아이 군인',
  th: 'สนามบิน แม่น้ำ ชายแดน รัฐมนตรี โรงเรียน ตลาด ฤดูหนาว แพทย์ คุก จดหมาย สถานี เด็ก ทหาร บ้านเมือง',
};
