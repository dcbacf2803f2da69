/* SPDX-License-Identifier: Apache-2.0 */
#include "office/demo/internal.h"

#include <string.h>

/* Frequent surnames first: drawn by squared chance, so that the first are many times as frequent as the last. A few of
 * two characters, and a few characters beyond the basic plane, which every part of the system must carry. */
static const char *const SURNAMES[] = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐",   "孙",   "马",   "朱",   "胡",   "郭",   "何", "林",
    "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "邓", "冯",   "曹",   "彭",   "曾",   "肖",   "田",   "董", "潘",
    "袁", "蔡", "蒋", "余", "于", "杜", "叶", "程", "魏", "苏", "吕",   "丁",   "任",   "卢",   "姚",   "沈",   "钟", "姜",
    "崔", "谭", "陆", "范", "汪", "廖", "石", "金", "韦", "贾", "夏",   "付",   "方",   "邹",   "熊",   "白",   "孟", "秦",
    "邱", "侯", "江", "尹", "薛", "闫", "段", "雷", "龙", "史", "陶",   "贺",   "毛",   "郝",   "顾",   "龚",   "邵", "万",
    "覃", "武", "钱", "戴", "严", "莫", "孔", "向", "常", "汤", "欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟",
};
static const char *const BOTH[] = {
    "文", "明", "华", "平", "国", "建", "春", "海", "晓", "志", "永", "玉", "红", "新", "金", "小", "云",
    "思", "子", "佳", "宇", "安", "宁", "乐", "清", "正", "一", "天", "家", "世", "成", "学", "庆", "荣",
    "光", "东", "南", "雨", "雪", "晨", "林", "江", "山", "岩", "泽", "瑞", "嘉", "若", "之", "悦",
};
static const char *const MEN[] = {
    "伟", "强", "军", "勇", "杰", "涛", "超", "刚", "鹏", "辉", "波", "斌", "峰", "磊", "亮",
    "龙", "飞", "鑫", "俊", "浩", "凯", "毅", "健", "彬", "武", "松", "柱", "虎", "栋", "钢",
};
static const char *const WOMEN[] = {
    "芳", "娜", "敏", "静", "丽", "艳", "娟", "霞", "秀", "英", "燕", "玲", "丹", "萍", "婷",
    "雪", "琳", "梅", "莉", "桂", "兰", "颖", "洁", "慧", "莹", "倩", "蓉", "薇", "媛", "琴",
};
static const char *const RARE[] = {"𬭚", "䶮", "𬱖", "𫖮", "𬘓", "㛃", "燚", "犇"};

#define OF(r, list) list[rng_below(r, sizeof list / sizeof list[0])]

static const char *often(struct rng *r, const char *const *list, uint32_t n)
{
        uint32_t a = rng_below(r, n), b = rng_below(r, n);

        return list[a < b ? a : b];
}

static const char *given(struct rng *r, enum sex sex)
{
        uint32_t k = rng_below(r, 1000);

        if (k < 8)
                return OF(r, RARE);
        if (k < 500)
                return OF(r, BOTH);
        return sex == SEX_MALE ? OF(r, MEN) : OF(r, WOMEN);
}

void name_of_person(struct rng *r, enum sex sex, char out[64])
{
        const char *surname = often(r, SURNAMES, sizeof SURNAMES / sizeof SURNAMES[0]);
        const char *first = given(r, sex);

        if (rng_below(r, 5) == 0)
                text_format(out, 64, "%s%s", surname, first);
        else
                text_format(out, 64, "%s%s%s", surname, first, given(r, sex));
}

static const char *const MARKS[] = {
    "云湖", "松岭", "石桥", "柳岸", "东篱", "西岭", "青禾", "远帆", "恒泰", "和兴", "广源", "瑞丰", "明德", "嘉禾", "长青",
    "华岳", "金穗", "天成", "同创", "汇通", "新程", "宏图", "正大", "安泰", "百川", "晨光", "星河", "盛世", "蓝天", "绿野",
};
static const char *const TRADES[] = {
    "机械制造", "食品", "纺织", "建筑工程", "物流", "电子科技", "商贸",     "餐饮服务",
    "环境工程", "软件", "印务", "化工",     "家具", "汽车配件", "农业发展", "物业服务",
};
static const char *const HOUSES[] = {"中学", "小学", "人民医院", "图书馆", "供水站", "公园管理处"};

void name_of_employer(struct rng *r, int64_t index, char out[160])
{
        const char *place = index % 2 == 0 ? "东湖" : "西山";

        if (index % 9 == 8)
                text_format(out, 160, "云城市%s区%s%s", place, OF(r, MARKS), OF(r, HOUSES));
        else
                text_format(out, 160, "云城市%s%s有限公司", OF(r, MARKS), OF(r, TRADES));
}
