"""Names of the months in the languages of feeds, from CLDR.

Names are normalized: lower case, no accents, no dot. A name that means different months in two
languages (`listopad`) is left out, because an ambiguous date is not read.
"""

from __future__ import annotations

_NAMES = (
    """january jan janvier janv januar enero ene gennaio gen janeiro januari tammikuuta tammi
    tammikuu stycznia sty styczen ledna led leden januara ianuarie ian января янв январь січня
    січ січень януари яну јануар јан sijecnja sij sijecanj ιανουαριου ιαν ιανουαριοσ ocak oca
    gener urtarrila urt jaanuar jaan janvaris sausio saus sausis يناير ژانویه ינואר มกราคม जनवरी""",
    """february feb fevrier fevr februar febrero febbraio fevereiro fev februari helmikuuta helmi
    helmikuu lutego lut luty unora uno unor februara febr februarie февраля февр февраль лютого
    лют лютии февруари фев фебруар феб veljace velj veljaca φεβρουαριου φεβ φεβρουαριοσ subat
    sub febrer otsaila ots veebruar veebr februaris vasario vas vasaris فبراير فوریه פברואר
    กมภาพนธ फरवरी""",
    """march mar mars marz marzo marco maart mrt marts maaliskuuta maalis maaliskuu marca marzec
    brezna bre brezen marec marcius marc martie марта мар март березня бер березень ozujka ozu
    ozujak μαρτιου μαρ μαρτιοσ mart martxoa kovo kov kovas maret mac مارس מרץ มนาคม मारच""",
    """april apr avril avr abril abr aprile huhtikuuta huhti huhtikuu kwietnia kwi kwiecien dubna
    dub duben aprila aprilis aprilie апреля апр апрель квітня квіт квітень април travnja tra
    travanj απριλιου απρ απριλιοσ nisan nis apirila api aprill balandzio bal balandis ابريل
    اوریل אפריל अपरल เมษายน""",
    """may mai mayo maggio mag maio mei maj toukokuuta touko toukokuu maja kvetna kve kveten majus
    мая маи травня трав травень мај svibnja svi svibanj μαιου μαι μαιοσ mayıs maig maiatza maijs
    geguzes geg geguze مايو מאי พฤษภาคม मई""",
    """june jun juin juni junio giugno giu junho kesakuuta kesa kesakuu czerwca cze czerwiec cervna
    cvn cerven juna junius iunie iun июня июн июнь червня черв червень юни јун lipnja lipanj
    junij ιουνιου ιουν ιουνιοσ haziran haz juny ekaina eka juuni junijs birzelio birz birzelis
    يونيو ژوين יוני มถนายน जन""",
    """july jul juillet juil juli julio luglio lug julho heinakuuta heina heinakuu lipca lipiec
    cervence cvc cervenec jula julius iulie iul июля июл июль липня лип липень юли јул srpnja
    srpanj julij ιουλιου ιουλ ιουλιοσ temmuz tem juliol uztaila uzt juuli julijs liepos liep
    liepa julai يوليو ژويیه יולי กรกฎาคม जलाई""",
    """august aug aout agosto ago augustus augusti elokuuta elo elokuu agust agu sierpnia sie
    sierpien srpna srpen augusta augusztus августа авг август серпня серп серпень kolovoza kol
    kolovoz avgust avg αυγουστου αυγ αυγουστοσ agustos agost abuztua abu augusts rugpjucio rugp
    rugpjutis agustus ogos ogo اغسطس اوت אוגוסט अगसत สงหาคม""",
    """september sep septembre sept septiembre settembre set setembro syyskuuta syys syyskuu
    wrzesnia wrz wrzesien zari zar septembra szeptember szept septembrie сентября сент сен сентябрь
    вересня вер вересень септември сеп септембар rujna ruj rujan σεπτεμβριου σεπ σεπτεμβριοσ
    eylul eyl setembre iraila ira septembris rugsejo rugs rugsejis سبتمبر سپتامبر ספטמבר กนยายน
    सितबर""",
    """october oct octobre oktober okt octubre ottobre ott outubro out lokakuuta loka lokakuu
    pazdziernika paz pazdziernik rijna rij rijen oktobra octombrie октября окт октябрь жовтня
    жовт жовтень октомври октобар οκτωβριου οκτ οκτωβριοσ ekim eki urria urr oktoober oktobris
    spalio spal spalis اكتوبر اکتبر אוקטובר अकटबर ตลาคม""",
    """november nov novembre noviembre novembro marraskuuta marras marraskuu listopadu novembra
    noiembrie ноября нояб ноябрь ноя листопада лист листопад ноември ное новембар нов studenoga stu
    studeni νοεμβριου νοε νοεμβριοσ kasım kas azaroa aza novembris lapkricio lapkr lapkritis
    نوفمبر نوامبر נובמבר नवबर พฤศจกายน""",
    """december dec decembre dezember dez diciembre dic dicembre dezembro desember des joulukuuta
    joulu joulukuu grudnia gru grudzien prosince pro prosinec decembra decembrie декабря дек
    декабрь грудня груд грудень декември децембар дец prosinca prosinac δεκεμβριου δεκ
    δεκεμβριοσ aralık ara desembre abendua abe detsember dets decembris gruodzio gruod gruodis
    disember dis ديسمبر دسامبر דצמבר ธนวาคม दिसबर""",
)

#: Number of the month by its normalized name.
MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
